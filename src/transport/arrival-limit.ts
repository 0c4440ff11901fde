import { ServerInterceptingCall, type ServerInterceptor } from '@grpc/grpc-js';
import { GatewayError } from '../errors/index.js';
import { toStatus } from './status.js';

/**
 * Ends a call with one request that has not arrived whole in this time. Its handler, and with it every other limit,
 * begins only then: until then a caller that stops in the middle would keep the bytes that are booked for it.
 */
export function limitArrival(limitMs: number): ServerInterceptor {
  return (method, call) => {
    // A stream has a limit to its silence instead.
    if (method.requestStream) return new ServerInterceptingCall(call);
    const timer = setTimeout(() => {
      const text = `the request did not arrive whole within ${limitMs} ms`;
      call.sendStatus(toStatus(new GatewayError('DEADLINE_EXCEEDED', text)));
    }, limitMs);
    return new ServerInterceptingCall(call, {
      start: (next) =>
        next({
          onReceiveHalfClose: (forward) => {
            clearTimeout(timer);
            forward();
          },
          // grpc-js says so at the end of every call, whatever its end.
          onCancel: () => clearTimeout(timer),
        }),
    });
  };
}
