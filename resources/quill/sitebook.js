/**
 * What Quill 2 has to know beside its own formats to show and edit Sitebook's texts. README.md says how to use it.
 *
 * Each embedded object counts one character here, in Yjs and in Sitebook: a blot that changed its length, or that
 * Quill refused in a place where Yjs has it, would move every later edit by one.
 */

const OPENED = ['http', 'https', 'mailto', 'tel', 'sitebook'];
const ATTACHMENT = 'attachment:';

/**
 * @typedef {object} Resolvers What the host page knows of records; each may answer later (a promise), or null.
 * @property {(id: string) => string | null | Promise<string | null>} [title] The title of a note or an issue.
 * @property {(id: string) => string | null | Promise<string | null>} [person] The name of a person.
 * @property {(id: string) => string | null | Promise<string | null>} [fileName] The name of an attachment.
 * @property {(id: string) => string | null | Promise<string | null>} [fileAddress] Where its picture can be loaded.
 */

/**
 * Register the blots. Call it once, before the first editor is made.
 *
 * @param {any} Quill The class, as `import Quill from 'quill'` gives it.
 * @param {Resolvers} [resolvers]
 */
export function registerSitebook(Quill, resolvers = {}) {
  const { EmbedBlot } = Quill.import('parchment');
  const Embed = Quill.import('blots/embed');
  const Inline = Quill.import('blots/inline');
  const Link = Quill.import('formats/link');
  const CodeBlock = Quill.import('formats/code-block');

  /** An embedded object whose whole value is kept, what a later version adds to it included. */
  class Kept extends Embed {
    static create(value) {
      const node = super.create();
      node.dataset.value = JSON.stringify(value);
      this.show(node, value);
      return node;
    }

    static value(node) {
      return JSON.parse(node.dataset.value);
    }
  }

  /** A link to a note or an issue: `{ref: {id, text?}}`. */
  class Reference extends Kept {
    static blotName = 'ref';
    static tagName = 'span';
    static className = 'sitebook-ref';

    static show(node, value) {
      const { id, text } = value ?? {};
      label(node, text || '[[…]]', text ? undefined : ask(resolvers.title, id));
    }
  }

  /** A person who is told: `{mention: {id}}`. */
  class Mention extends Kept {
    static blotName = 'mention';
    static tagName = 'span';
    static className = 'sitebook-mention';

    static show(node, value) {
      label(node, '@…', ask(resolvers.person, value?.id), '@');
    }
  }

  /** A line across: `{divider: true}`, an object in its line. */
  class Divider extends Kept {
    static blotName = 'divider';
    static tagName = 'span';
    static className = 'sitebook-divider';

    static show(node) {
      node.setAttribute('role', 'separator');
    }
  }

  /** `{image: 'attachment:ID'}`: a box with the file's name, or the picture where the host page has an address. */
  class Picture extends Kept {
    static blotName = 'image';
    static tagName = 'span';
    static className = 'sitebook-image';

    static show(node, value) {
      const id = typeof value === 'string' && value.startsWith(ATTACHMENT) ? value.slice(ATTACHMENT.length) : '';
      node.setAttribute('role', 'img');
      label(node, '…', ask(resolvers.fileName, id));
      Promise.resolve(ask(resolvers.fileAddress, id)).then((address) => {
        if (address) {
          const picture = document.createElement('img');
          picture.alt = contentOf(node).textContent;
          picture.src = address;
          contentOf(node).replaceChildren(picture);
        }
      });
    }
  }

  /** Addresses of Sitebook are links too; what is no link opens nothing. */
  class OpenedLink extends Link {
    static PROTOCOL_WHITELIST = OPENED;
  }

  /**
   * A code block keeps the name of its language, and what lies in its lines: Quill would take objects and formats
   * off the screen that Yjs still has, when somebody else makes a line code.
   */
  class Code extends CodeBlock {
    static allowedChildren = [...CodeBlock.allowedChildren, Inline, EmbedBlot];

    static create(value) {
      const node = super.create(value);
      setLanguage(node, value);
      return node;
    }

    static formats(node) {
      return node.dataset.language || true;
    }

    format(name, value) {
      if (name === Code.blotName && value) {
        setLanguage(this.domNode, value);
      } else {
        super.format(name, value);
      }
    }
  }

  Quill.register(
    {
      'formats/ref': Reference,
      'formats/mention': Mention,
      'formats/divider': Divider,
      'formats/image': Picture,
      'formats/link': OpenedLink,
      'formats/code-block': Code,
    },
    true,
  );
}

function setLanguage(node, value) {
  if (typeof value === 'string') {
    node.dataset.language = value;
  } else {
    delete node.dataset.language;
  }
}

/** Ask for something that has an id; nothing is known of what has none. */
function ask(resolver, id) {
  return resolver && typeof id === 'string' && id ? resolver(id) : null;
}

/** Show a text, and another one when it is known. Never as HTML: names come from other people. */
function label(node, text, later, sign = '') {
  node.textContent = text;
  Promise.resolve(later).then((known) => {
    if (known) {
      contentOf(node).textContent = sign + known;
    }
  });
}

/** Quill puts what a blot shows between two guards for the cursor. */
function contentOf(node) {
  return node.querySelector('[contenteditable="false"]') ?? node;
}
