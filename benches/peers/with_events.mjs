// Nanoseconds of a send through Node's EventEmitter, beside a loop over functions.
//
// Prints `candidate <tab> receivers <tab> nanoseconds`.

import { EventEmitter } from "node:events";
import { hrtime } from "node:process";

// One of four functions in rotation, with one captured word. Sums stay 32-bit integers, which are the fastest.
function receiver(number) {
  const word = number | 1;
  switch (number % 4) {
    case 0:
      return (sender, payload) => { payload.count = (payload.count + word) | 0; };
    case 1:
      return (sender, payload) => { payload.count = (payload.count + (word | 2)) | 0; };
    case 2:
      return (sender, payload) => { payload.count = (payload.count + (word ^ 4)) | 0; };
    default:
      return (sender, payload) => { payload.count = (payload.count + (word & 8)) | 0; };
  }
}

function sendRaw(receivers, sender, payload) {
  for (const receiver of receivers) {
    receiver(sender, payload);
  }
}

function sample(send, calls) {
  for (let call = 0; call < calls / 8; call += 1) {
    send();
  }
  const start = hrtime.bigint();
  for (let call = 0; call < calls; call += 1) {
    send();
  }
  return Number(hrtime.bigint() - start) / calls;
}

function median(values) {
  return values.sort((a, b) => a - b)[Math.floor(values.length / 2)];
}

const sender = {};
const payload = { count: 0 };
for (const receivers of [0, 1, 8, 64, 1000]) {
  const raw = [];
  const emitter = new EventEmitter();
  emitter.setMaxListeners(0);
  for (let number = 0; number < receivers; number += 1) {
    raw.push(receiver(number));
    emitter.on("sent", receiver(number));
  }
  const calls = Math.max(1000, Math.floor(1_000_000 / (receivers + 3)));
  const ofRaw = [];
  const ofEmitter = [];
  // The first rounds are for the compiler.
  for (let round = -5; round < 21; round += 1) {
    const samples = [
      sample(() => sendRaw(raw, sender, payload), calls),
      sample(() => emitter.emit("sent", sender, payload), calls),
    ];
    if (round >= 0) {
      ofRaw.push(samples[0]);
      ofEmitter.push(samples[1]);
    }
  }
  console.log(`Node raw loop\t${receivers}\t${median(ofRaw).toFixed(3)}`);
  console.log(`Node EventEmitter\t${receivers}\t${median(ofEmitter).toFixed(3)}`);
}
