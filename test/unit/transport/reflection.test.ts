import { Duplex } from 'node:stream';
import type { handleBidiStreamingCall } from '@grpc/grpc-js';
import { reflectionImplementation } from '../../../src/transport/reflection.js';

test('reflection takes no further question from a caller that does not read the answers', () => {
  const unsent: (() => void)[] = [];
  let answers = 0;
  const call = new Duplex({
    objectMode: true,
    writableHighWaterMark: 4,
    read: () => undefined,
    write: (_answer, _encoding, sent) => {
      answers += 1;
      unsent.push(sent);
    },
  });
  const { serverReflectionInfo } = reflectionImplementation(['a.Service']);
  // The table of grpc-js is untyped; this is the shape of the one method in it.
  (serverReflectionInfo as handleBidiStreamingCall<unknown, unknown>)(call as never);
  for (let question = 0; question < 1000; question += 1) {
    call.push({ host: '', messageRequest: { $case: 'listServices', value: '' } });
  }
  return new Promise<void>((resolve) => {
    setImmediate(() => {
      expect(call.writableLength).toBe(4);
      for (let sent = unsent.shift(); sent !== undefined; sent = unsent.shift()) sent();
      setImmediate(() => {
        expect(answers).toBeGreaterThan(4);
        resolve();
      });
    });
  });
});
