// Quill with y-quill on a Yjs text, for tests: edits by Quill's own calls, updates as base64 in and out.
import Quill from 'quill';
import { QuillBinding } from 'y-quill';
import * as Y from 'yjs';
import { registerSitebook } from '../../../resources/quill/sitebook.js';
import 'quill/dist/quill.snow.css';
import '../../../resources/quill/sitebook.css';

const ELSEWHERE = 'elsewhere';
let doc, text, quill, binding, undo;
let outbox = [];

const encoded = (bytes) => btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''));
const decoded = (data) => Uint8Array.from(atob(data), (character) => character.charCodeAt(0));

/** Not between the two halves of a character: nobody's cursor stands there. */
function place(fraction) {
  const contents = quill.getContents();
  const at = Math.min(Math.floor(fraction * quill.getLength()), quill.getLength() - 1);
  let before = 0;
  for (const { insert } of contents.ops) {
    const length = typeof insert === 'string' ? insert.length : 1;
    if (at < before + length) {
      const second = typeof insert === 'string' ? insert.charCodeAt(at - before) : 0;
      return second >= 0xdc00 && second < 0xe000 ? at - 1 : at;
    }
    before += length;
  }
  return at;
}

function range(from, to) {
  const [first, last] = [place(from), place(to)].sort((one, other) => one - other);
  return [first, last - first];
}

const edits = {
  insertText: ({ at, text, formats }) => quill.insertText(place(at), text, formats ?? {}, 'user'),
  insertEmbed: ({ at, name, value }) => quill.insertEmbed(place(at), name, value, 'user'),
  deleteText: ({ from, to }) => quill.deleteText(...range(from, to), 'user'),
  formatText: ({ from, to, formats }) => quill.formatText(...range(from, to), formats, 'user'),
  formatLine: ({ from, to, formats }) => quill.formatLine(...range(from, to), formats, 'user'),
  undo: () => undo.undo(),
  redo: () => undo.redo(),
};

globalThis.peer = {
  /** Open a text by its state, registered or as stock Quill has it. */
  open(state, client, resolvers) {
    if (resolvers) {
      registerSitebook(Quill, {
        title: (id) => resolvers.titles?.[id],
        person: async (id) => resolvers.people?.[id],
        fileName: (id) => resolvers.files?.[id],
      });
    }
    document.querySelector('#editor').innerHTML = '<div></div>';
    document.querySelectorAll('.ql-toolbar').forEach((bar) => bar.remove());
    outbox = [];
    doc = new Y.Doc();
    doc.clientID = client;
    if (state) {
      Y.applyUpdate(doc, decoded(state), ELSEWHERE);
    }
    text = doc.getText('content');
    quill = new Quill('#editor > div', { theme: 'snow', modules: { history: { userOnly: true } } });
    doc.on('update', (update, origin) => {
      if (origin !== ELSEWHERE) {
        outbox.push(encoded(update));
      }
    });
    binding = new QuillBinding(text, quill);
    undo = new Y.UndoManager(text, { trackedOrigins: new Set([binding]), captureTimeout: 0 });
  },
  edit(list) {
    for (const each of list) {
      edits[each.edit](each);
    }
  },
  receive(list) {
    for (const each of list) {
      Y.applyUpdate(doc, decoded(each), ELSEWHERE);
    }
  },
  /** What was written here since the last call. */
  take() {
    quill.update();
    return outbox.splice(0);
  },
  /** Stand somewhere with the focus, for keys. */
  stand(index, length = 0) {
    quill.focus();
    quill.setSelection(index, length, 'user');
  },
  look: () => ({ quill: quill.getContents().ops, yjs: text.toDelta() }),
  shown: (selector) => Array.from(document.querySelectorAll(selector), (each) => each.textContent),
  state: () => encoded(Y.encodeStateAsUpdate(doc)),
};
