// Every type of block that can be made: what a request sends, how it reads, what an update sends, how it reads then
// (pages-blocks.md §2). `made` and `changed` are the payloads as they must read.
import { emoji, external, paragraph, shown, text } from "./values.js";

const words = { rich_text: [text("before")] };
const newWords = { rich_text: [text("after")], color: "blue_background" };
const textual = (extra = {}) => ({
  send: words,
  made: { rich_text: [shown("before")], color: "default", ...extra },
  update: newWords,
  changed: { rich_text: [shown("after")], color: "blue_background", ...extra },
});
const media = (extension) => ({
  send: { ...external(`https://example.com/a.${extension}`), caption: [text("caption")] },
  made: { caption: [shown("caption")], ...external(`https://example.com/a.${extension}`) },
  update: { external: { url: `https://example.com/b.${extension}` } },
  changed: { caption: [shown("caption")], ...external(`https://example.com/b.${extension}`) },
});
const address = {
  send: { url: "https://example.com/" },
  made: { caption: [], url: "https://example.com/" },
  update: { caption: [text("caption")] },
  changed: { caption: [shown("caption")], url: "https://example.com/" },
};
const empty = { send: {}, made: {}, update: {}, changed: {} };

// page and other are pages that blocks can link to, original a synced block that can be copied.
export const blockTypes = ({ page, other, original }) => ({
  paragraph: textual({ icon: null }),
  heading_1: textual({ is_toggleable: false }),
  heading_2: textual({ is_toggleable: false }),
  heading_3: textual({ is_toggleable: false }),
  heading_4: textual({ is_toggleable: false }),
  bulleted_list_item: textual(),
  numbered_list_item: textual(),
  quote: textual(),
  toggle: textual(),
  template: {
    send: words,
    made: { rich_text: [shown("before")] },
    update: { rich_text: [text("after")] },
    changed: { rich_text: [shown("after")] },
  },
  to_do: {
    send: words,
    made: { rich_text: [shown("before")], checked: false, color: "default" },
    update: { checked: true },
    changed: { rich_text: [shown("before")], checked: true, color: "default" },
  },
  callout: {
    send: words,
    made: { rich_text: [shown("before")], icon: emoji("💡"), color: "default" },
    update: { icon: emoji("🔥"), color: "red" },
    changed: { rich_text: [shown("before")], icon: emoji("🔥"), color: "red" },
  },
  code: {
    send: { ...words, language: "go" },
    made: { caption: [], rich_text: [shown("before")], language: "go" },
    update: { language: "plain text", caption: [text("caption")] },
    changed: { caption: [shown("caption")], rich_text: [shown("before")], language: "plain text" },
  },
  equation: {
    send: { expression: "e^{i\\pi} + 1 = 0" },
    made: { expression: "e^{i\\pi} + 1 = 0" },
    update: { expression: "a^2" },
    changed: { expression: "a^2" },
  },
  divider: empty,
  breadcrumb: empty,
  table_of_contents: { send: {}, made: { color: "default" }, update: { color: "gray" }, changed: { color: "gray" } },
  bookmark: address,
  embed: address,
  image: media("png"),
  video: media("mp4"),
  audio: media("mp3"),
  pdf: media("pdf"),
  file: {
    send: external("https://example.com/notes.txt"),
    made: { caption: [], ...external("https://example.com/notes.txt"), name: "notes.txt" },
    update: { name: "renamed.txt" },
    changed: { caption: [], ...external("https://example.com/notes.txt"), name: "renamed.txt" },
  },
  link_to_page: {
    send: { page_id: page },
    made: { type: "page_id", page_id: page },
    update: { type: "page_id", page_id: other },
    changed: { type: "page_id", page_id: other },
  },
  synced_block: {
    send: { synced_from: { block_id: original } },
    made: { synced_from: { type: "block_id", block_id: original } },
  },
  table: {
    send: { table_width: 2, children: [{ table_row: { cells: [[text("a")], []] } }] },
    made: { table_width: 2, has_column_header: false, has_row_header: false },
    update: { has_column_header: true },
    changed: { table_width: 2, has_column_header: true, has_row_header: false },
    children: ["table_row"],
  },
  column_list: {
    send: { children: [{ column: { children: [paragraph("left")] } }, { column: { width_ratio: 0.25, children: [paragraph("right")] } }] },
    made: {},
    children: ["column", "column"],
  },
  tab: {
    send: { children: [paragraph("First", { icon: emoji("🔥"), children: [paragraph("inside")] })] },
    made: {},
    update: {},
    changed: {},
    children: ["paragraph"],
  },
});
