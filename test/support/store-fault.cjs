// Loaded into a gateway with `node --require`: SIGUSR2 makes the embedded store's thread throw what nobody catches.
const { BroadcastChannel, isMainThread } = require('node:worker_threads');

const channel = new BroadcastChannel('store-fault');
channel.unref();

if (isMainThread) {
  process.on('SIGUSR2', () => channel.postMessage('throw'));
} else {
  channel.onmessage = () => {
    setImmediate(() => {
      throw new Error('a fault made by a test');
    });
  };
}
