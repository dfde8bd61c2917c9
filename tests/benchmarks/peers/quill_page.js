// Quill as in the tests, with a clock: from the key, as the browser stamps it, to behind the frame that shows it.
import '../../e2e/quill/page.js';

const style = document.createElement('style');
// As high as Sitebook's window; the editor scrolls by itself there too.
style.textContent = 'body { margin: 0; font: 13px sans-serif } #editor > .ql-container { height: 840px; width: 880px }';
document.head.append(style);

const channel = new MessageChannel();
let times = [];
let begun = 0;

/** After the next frame: a callback before it is painted, and from there a task, which runs behind the painting. */
function afterPaint(done) {
  requestAnimationFrame(() => {
    channel.port1.onmessage = done;
    channel.port2.postMessage(0);
  });
}

addEventListener(
  'keydown',
  (event) => {
    const pressed = event.timeStamp;
    afterPaint(() => times.push(performance.now() - pressed));
  },
  true,
);

globalThis.clock = {
  take: () => times.splice(0),
  /** Open a text; milliseconds until it is painted. */
  open: (state, client) =>
    new Promise((done) => {
      begun = performance.now();
      globalThis.peer.open(state, client, {});
      afterPaint(() => done(performance.now() - begun));
    }),
  /** Stand at a place, in sight. */
  stand(index) {
    globalThis.peer.stand(index);
    getSelection().focusNode?.parentElement?.scrollIntoView({ block: 'center' });
  },
};
