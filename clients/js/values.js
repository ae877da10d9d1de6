// Values that requests hold, and what answers make of them.

export const text = (content, more = {}) => ({ type: "text", text: { content }, ...more });
export const title = (content) => ({ title: { title: [text(content)] } });
export const paragraph = (content, more = {}) => ({ paragraph: { rich_text: [text(content)], ...more } });
export const emoji = (character) => ({ type: "emoji", emoji: character });
export const external = (url) => ({ type: "external", external: { url } });

const plain = { bold: false, italic: false, strikethrough: false, underline: false, code: false, color: "default" };

// shown is how a text item reads.
export const shown = (content, { link = null, ...annotations } = {}) => ({
  type: "text",
  text: { content, link: link && { url: link } },
  annotations: { ...plain, ...annotations },
  plain_text: content,
  href: link,
});

export const shownMention = (mention, plainText, href = null) => ({
  type: "mention",
  mention,
  annotations: plain,
  plain_text: plainText,
  href,
});

export const shownEquation = (expression) => ({
  type: "equation",
  equation: { expression },
  annotations: plain,
  plain_text: expression,
  href: null,
});

export const plainText = (items) => items.map((item) => item.plain_text).join("");

// bare drops what differs between two answers about the same thing.
export const bare = ({ request_id, ...answer }) => answer;
