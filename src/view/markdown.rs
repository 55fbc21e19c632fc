//! Markdown as plain blocks: what documents and procedures say. No egui; how it is painted is [`crate::ui`]'s business.
//!
//! Read: headings, paragraphs, emphasis, lists, quotes, tables, code, pictures, rules. HTML is shown as text, links are
//! not followed. Bounds: [`MOST_BLOCKS`] blocks and [`MOST_COLUMNS`] columns; the rest is left out, and said.

use pulldown_cmark::{Event, HeadingLevel, Options, Parser, Tag, TagEnd};

/// Most blocks of a text.
pub const MOST_BLOCKS: usize = 2_000;
/// Most columns of a table.
pub const MOST_COLUMNS: usize = 12;
/// Deepest indent that is drawn.
const MOST_DEPTH: u8 = 8;

/// A text in blocks.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Markdown {
    /// The blocks.
    pub blocks: Vec<Block>,
    /// There are more than are shown.
    pub cut: bool,
}

/// One block.
#[derive(Clone, Debug, PartialEq)]
pub struct Block {
    /// How deep in lists and quotes.
    pub depth: u8,
    /// It stands in a quote.
    pub quoted: bool,
    /// What.
    pub kind: Kind,
}

/// What a block is.
#[derive(Clone, Debug, PartialEq)]
pub enum Kind {
    /// A heading, 1 to 6.
    Heading(u8, Vec<Run>),
    /// A paragraph.
    Paragraph(Vec<Run>),
    /// An entry of a list: `•` or `3.`, and its words.
    Item(String, Vec<Run>),
    /// Text as it is.
    Code(String),
    /// A table: rows of cells, the first with the headings.
    Table(Vec<Vec<Vec<Run>>>),
    /// A picture: where it is as the text says it, and what it shows in words.
    Picture {
        /// As written.
        file: String,
        /// In words.
        alt: String,
    },
    /// A line across.
    Rule,
}

/// Words in one style.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Run {
    /// The words.
    pub text: String,
    /// Heavier.
    pub strong: bool,
    /// Emphasised.
    pub emphasis: bool,
    /// As it is typed.
    pub code: bool,
    /// Where it leads.
    pub link: Option<String>,
}

/// The words of runs without their style.
#[must_use]
pub fn plain(runs: &[Run]) -> String {
    runs.iter().map(|run| run.text.as_str()).collect()
}

/// Reads a text.
#[must_use]
pub fn markdown(text: &str) -> Markdown {
    let mut reader = Reader::default();
    for event in Parser::new_ext(text, Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH) {
        if reader.out.blocks.len() >= MOST_BLOCKS {
            reader.out.cut = true;
            break;
        }
        reader.event(event);
    }
    reader.flush();
    reader.out
}

#[derive(Default)]
struct Reader {
    out: Markdown,
    runs: Vec<Run>,
    style: Run,
    /// Of each open list: its next number, or none for marks.
    lists: Vec<Option<u64>>,
    quotes: u8,
    /// The mark of the entry whose words come next.
    mark: Option<String>,
    heading: Option<u8>,
    code: Option<String>,
    table: Option<Vec<Vec<Vec<Run>>>>,
    picture: Option<(String, String)>,
}

impl Reader {
    fn event(&mut self, event: Event<'_>) {
        match event {
            Event::Start(tag) => self.start(tag),
            Event::End(tag) => self.end(tag),
            Event::Text(text) | Event::Html(text) | Event::InlineHtml(text) => self.say(&text, false),
            Event::Code(text) => self.say(&text, true),
            Event::SoftBreak => self.say(" ", false),
            Event::HardBreak => self.say("\n", false),
            Event::Rule => {
                self.flush();
                self.push(Kind::Rule);
            }
            _ => {}
        }
    }

    fn start(&mut self, tag: Tag<'_>) {
        match tag {
            Tag::Heading { level, .. } => {
                self.flush();
                self.heading = Some(match level {
                    HeadingLevel::H1 => 1,
                    HeadingLevel::H2 => 2,
                    HeadingLevel::H3 => 3,
                    HeadingLevel::H4 => 4,
                    HeadingLevel::H5 => 5,
                    HeadingLevel::H6 => 6,
                });
            }
            Tag::Paragraph => {}
            Tag::BlockQuote(_) => {
                self.flush();
                self.quotes = self.quotes.saturating_add(1);
            }
            Tag::CodeBlock(_) => {
                self.flush();
                self.code = Some(String::new());
            }
            Tag::List(first) => {
                self.flush();
                self.lists.push(first);
            }
            Tag::Item => {
                self.flush();
                self.mark = Some(match self.lists.last_mut() {
                    Some(Some(number)) => {
                        let mark = format!("{number}.");
                        *number = number.saturating_add(1);
                        mark
                    }
                    _ => "•".to_owned(),
                });
            }
            Tag::Table(_) => {
                self.flush();
                self.table = Some(Vec::new());
            }
            Tag::TableHead | Tag::TableRow => {
                if let Some(table) = &mut self.table {
                    table.push(Vec::new());
                }
            }
            Tag::Emphasis => self.style.emphasis = true,
            Tag::Strong => self.style.strong = true,
            Tag::Link { dest_url, .. } => self.style.link = Some(dest_url.into_string()),
            Tag::Image { dest_url, .. } => {
                // A picture stands on its own, wherever the text has it.
                if self.table.is_none() {
                    self.flush();
                }
                self.picture = Some((dest_url.into_string(), String::new()));
            }
            _ => {}
        }
    }

    fn end(&mut self, tag: TagEnd) {
        match tag {
            TagEnd::Heading(_) | TagEnd::Paragraph | TagEnd::Item | TagEnd::HtmlBlock => self.flush(),
            TagEnd::BlockQuote(_) => {
                self.flush();
                self.quotes = self.quotes.saturating_sub(1);
            }
            TagEnd::CodeBlock => {
                if let Some(code) = self.code.take() {
                    self.push(Kind::Code(code.trim_end().to_owned()));
                }
            }
            TagEnd::List(_) => {
                self.flush();
                self.lists.pop();
            }
            TagEnd::TableCell => {
                let cell = std::mem::take(&mut self.runs);
                let row = self.table.as_mut().and_then(|table| table.last_mut());
                if let Some(row) = row.filter(|row| row.len() < MOST_COLUMNS) {
                    row.push(cell);
                }
            }
            TagEnd::Table => {
                if let Some(mut table) = self.table.take() {
                    self.out.cut |= table.len() > MOST_BLOCKS;
                    table.truncate(MOST_BLOCKS);
                    self.push(Kind::Table(table));
                }
            }
            TagEnd::Emphasis => self.style.emphasis = false,
            TagEnd::Strong => self.style.strong = false,
            TagEnd::Link => self.style.link = None,
            TagEnd::Image => {
                if let Some((file, alt)) = self.picture.take() {
                    match self.table {
                        Some(_) => self.say(&alt, false),
                        None => self.push(Kind::Picture { file, alt }),
                    }
                }
            }
            _ => {}
        }
    }

    fn say(&mut self, text: &str, code: bool) {
        // Control characters draw boxes, or turn the direction of what follows.
        let clean = |text: &str| {
            text.chars()
                .filter(|c| !c.is_control() || matches!(c, '\n' | '\t'))
                .collect::<String>()
                .replace('\t', "    ")
        };
        if let Some(block) = &mut self.code {
            block.push_str(&clean(text));
        } else if let Some((_, alt)) = &mut self.picture {
            alt.push_str(&clean(text));
        } else {
            let style = Run { text: String::new(), code, ..self.style.clone() };
            match self.runs.last_mut() {
                Some(last) if (Run { text: String::new(), ..last.clone() }) == style => {
                    last.text.push_str(&clean(text))
                }
                _ => self.runs.push(Run { text: clean(text), ..style }),
            }
        }
    }

    /// Ends the words that were collected as a block.
    fn flush(&mut self) {
        if self.table.is_some() {
            return;
        }
        let runs = std::mem::take(&mut self.runs);
        let heading = self.heading.take();
        if runs.iter().all(|run| run.text.trim().is_empty()) {
            return;
        }
        let kind = match (heading, self.mark.take()) {
            (Some(level), _) => Kind::Heading(level, runs),
            (None, Some(mark)) => Kind::Item(mark, runs),
            (None, None) => Kind::Paragraph(runs),
        };
        self.push(kind);
    }

    fn push(&mut self, kind: Kind) {
        let lists = u8::try_from(self.lists.len()).unwrap_or(u8::MAX);
        let depth = lists.saturating_add(self.quotes).min(MOST_DEPTH);
        self.out.blocks.push(Block { depth, quoted: self.quotes > 0, kind });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str) -> Vec<String> {
        let shown = |block: &Block| match &block.kind {
            Kind::Heading(level, runs) => format!("h{level} {}", plain(runs)),
            Kind::Paragraph(runs) => format!("p {}", plain(runs)),
            Kind::Item(mark, runs) => format!("{}{mark} {}", " ".repeat(usize::from(block.depth) - 1), plain(runs)),
            Kind::Code(code) => format!("code {code}"),
            Kind::Table(rows) => {
                format!(
                    "table {}",
                    rows.iter()
                        .map(|row| row.iter().map(|cell| plain(cell)).collect::<Vec<_>>().join("|"))
                        .collect::<Vec<_>>()
                        .join("/")
                )
            }
            Kind::Picture { file, alt } => format!("picture {file} {alt}"),
            Kind::Rule => "rule".to_owned(),
        };
        markdown(text).blocks.iter().map(shown).collect()
    }

    #[test]
    fn every_kind_of_block_is_read() {
        let text = "# A\n\nOne\ntwo.\n\n- x\n  - y\n- z\n\n3. c\n4. d\n\n> said\n\n```\na\n  b\n```\n\n| H | I |\n|---|---|\n| 1 | 2 |\n\n---\n\n![alt *text*](a.png)\n";
        assert_eq!(
            told(text),
            [
                "h1 A",
                "p One two.",
                "• x",
                " • y",
                "• z",
                "3. c",
                "4. d",
                "p said",
                "code a\n  b",
                "table H|I/1|2",
                "rule",
                "picture a.png alt text",
            ]
        );
    }

    #[test]
    fn words_keep_their_style() {
        let [Block { kind: Kind::Paragraph(runs), .. }] = &markdown("a **b *c*** `d` [e](f)").blocks[..] else {
            panic!()
        };
        let said: Vec<_> = runs
            .iter()
            .map(|run| (run.text.as_str(), run.strong, run.emphasis, run.code, run.link.as_deref()))
            .collect();
        assert_eq!(
            said,
            [
                ("a ", false, false, false, None),
                ("b ", true, false, false, None),
                ("c", true, true, false, None),
                (" ", false, false, false, None),
                ("d", false, false, true, None),
                (" ", false, false, false, None),
                ("e", false, false, false, Some("f")),
            ]
        );
    }

    #[test]
    fn a_picture_inside_of_words_stands_on_its_own() {
        assert_eq!(told("before ![p](p.png) after"), ["p before ", "picture p.png p", "p  after"]);
    }

    #[test]
    fn html_is_text_and_control_characters_are_gone() {
        assert_eq!(told("a <b>c</b>\u{7}\u{1b}[1m"), ["p a <b>c</b>[1m"]);
        assert_eq!(told("<script>\nx\n</script>\n"), ["p <script>\nx\n</script>\n"]);
    }

    #[test]
    fn a_long_text_is_cut_and_says_so() {
        let long = markdown(&"a\n\n".repeat(3_000));
        assert_eq!((long.blocks.len(), long.cut), (MOST_BLOCKS, true));
        let deep = markdown(&"> ".repeat(500));
        assert!(deep.blocks.iter().all(|block| block.depth <= 8));
        assert!(!markdown("a").cut);
    }
}
