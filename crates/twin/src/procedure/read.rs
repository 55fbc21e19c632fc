//! The outline of a procedure's Markdown: its title, the sections that are steps, and their blocks.
//!
//! Not what the blocks mean (`site::procedure`), and not how text is drawn. Places are bytes of the file.

use std::ops::Range;

use pulldown_cmark::{CodeBlockKind, Event, HeadingLevel, Options, Parser, Tag, TagEnd};

use super::MOST_STEPS;

/// What a file says, before anybody asks what it means.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Outline {
    /// Before the first step.
    pub intro: String,
    pub steps: Vec<Section>,
    /// Behind the line `---` after the last step.
    pub notes: String,
    /// Pictures: where they are, as written, and where the file names them.
    pub pictures: Vec<(String, Range<usize>)>,
    /// What is wrong: place, message, hint.
    pub faults: Vec<(Range<usize>, String, String)>,
}

/// A section under a `##` heading.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Section {
    pub title: String,
    pub heading: Range<usize>,
    /// Its Markdown without heading and block.
    pub text: String,
    /// What stands between the fences of its ```` ```step ````.
    pub block: Option<Range<usize>>,
    /// Its block with the fences.
    fenced: Range<usize>,
    body: Range<usize>,
}

impl Outline {
    fn fault(&mut self, at: &Range<usize>, message: impl Into<String>, hint: impl Into<String>) {
        self.faults.push((at.clone(), message.into(), hint.into()));
    }
}

/// Reads the outline of a file.
pub(crate) fn outline(text: &str) -> Outline {
    let mut found = Outline::default();
    let (mut title, mut heading): (Option<Range<usize>>, Option<(HeadingLevel, Range<usize>, String)>) = (None, None);
    let (mut depth, mut notes_from, mut intro_from) = (0_usize, None, 0);
    let mut block: Option<(Range<usize>, Option<Range<usize>>)> = None;
    for (event, at) in Parser::new_ext(text, Options::ENABLE_TABLES).into_offset_iter() {
        match event {
            Event::Start(Tag::Heading { level, .. }) if depth == 0 => heading = Some((level, at, String::new())),
            Event::End(TagEnd::Heading(_)) if depth == 0 => {
                let Some((level, at, words)) = heading.take() else { continue };
                let words = words.trim().to_owned();
                match level {
                    HeadingLevel::H1 if title.is_none() && found.steps.is_empty() => {
                        intro_from = at.end;
                        title = Some(at);
                    }
                    HeadingLevel::H1 => found.fault(
                        &at,
                        "a procedure has one title",
                        "write `##` for a step; a file holds one procedure",
                    ),
                    HeadingLevel::H2 if notes_from.is_none() => begin(&mut found, text, words, at, intro_from),
                    _ => {}
                }
            }
            Event::Text(words) | Event::Code(words) if heading.is_some() => {
                if let Some((_, _, title)) = &mut heading {
                    title.push_str(&words);
                }
            }
            Event::Rule if depth == 0 && notes_from.is_none() && !found.steps.is_empty() => {
                notes_from = Some(at.clone());
            }
            Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(info))) if info.trim() == "step" => {
                if depth == 0 && notes_from.is_none() {
                    block = Some((at, None));
                } else {
                    let hint = "a step's block stands at the margin, below its `##` heading and before a line `---`";
                    found.fault(&at, "this block belongs to no step", hint);
                }
            }
            Event::Text(_) if block.is_some() => {
                if let Some((_, inside)) = &mut block {
                    *inside = Some(inside.take().map_or(at.start, |known| known.start)..at.end);
                }
            }
            Event::End(TagEnd::CodeBlock) => {
                if let Some((fenced, inside)) = block.take() {
                    let end = fenced.end;
                    close(&mut found, fenced, inside.unwrap_or(end..end));
                }
            }
            Event::Start(Tag::Image { dest_url, .. }) => found.pictures.push((dest_url.into_string(), at)),
            // What a step's heading and block must not stand in.
            Event::Start(Tag::BlockQuote(_) | Tag::List(_)) => depth += 1,
            Event::End(TagEnd::BlockQuote(_) | TagEnd::List(_)) => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    let end = notes_from.as_ref().map_or(text.len(), |rule| rule.start);
    finish(&mut found, text, end, intro_from);
    found.notes = notes_from.and_then(|rule| text.get(rule.end..)).unwrap_or_default().trim().to_owned();
    if title.is_none() {
        found.fault(&(0..0), "a procedure begins with its title", "write `# Title` in the first line");
    }
    check(&mut found);
    found
}

/// A step begins: the one before ends here.
fn begin(found: &mut Outline, text: &str, title: String, heading: Range<usize>, intro_from: usize) {
    finish(found, text, heading.start, intro_from);
    let body = heading.end..heading.end;
    found.steps.push(Section { title, heading, body, ..Section::default() });
}

/// What comes before `end` belongs to the last step, or to the intro.
fn finish(found: &mut Outline, text: &str, end: usize, intro_from: usize) {
    let Some(last) = found.steps.last_mut() else {
        text.get(intro_from..end).unwrap_or_default().trim().clone_into(&mut found.intro);
        return;
    };
    last.body.end = end.max(last.body.start);
    let cut = if last.block.is_some() { last.fenced.clone() } else { last.body.end..last.body.end };
    let before = text.get(last.body.start..cut.start).unwrap_or_default();
    let after = text.get(cut.end..last.body.end).unwrap_or_default();
    format!("{}\n\n{}", before.trim(), after.trim()).trim().clone_into(&mut last.text);
}

/// A block ends.
fn close(found: &mut Outline, fenced: Range<usize>, inside: Range<usize>) {
    match found.steps.last_mut() {
        None => {
            let hint = "a step is a `##` heading with its block below";
            found.fault(&fenced, "this block stands before the first step", hint);
        }
        Some(step) if step.block.is_some() => {
            found.fault(&fenced, "this step has a block already", "give the second one a `##` heading of its own");
        }
        Some(step) => {
            step.block = Some(inside);
            step.fenced = fenced;
        }
    }
}

fn check(found: &mut Outline) {
    let mut faults = Vec::new();
    for step in &found.steps {
        if step.title.is_empty() {
            faults.push((step.heading.clone(), "this step has no title".to_owned(), "write it behind the `##`"));
        }
        if step.block.is_none() {
            let message = format!("step \"{}\" has no block", step.title);
            let hint = "write ```step with `part = \"…\"` below it; what is no step comes after a line `---`";
            faults.push((step.heading.clone(), message, hint));
        }
    }
    if found.steps.is_empty() {
        faults.push((0..0, "a procedure needs a step".to_owned(), "a step is a `##` heading with a ```step block"));
    }
    if let Some(step) = found.steps.get(MOST_STEPS) {
        let message = format!("a procedure has at most {MOST_STEPS} steps");
        faults.push((step.heading.clone(), message, "make two procedures of it"));
        found.steps.truncate(MOST_STEPS);
    }
    for (at, message, hint) in faults {
        found.fault(&at, message, hint);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "\
# Oil filter

Before *anything* else.

## Stop it

Press stop.

```step
part = \"brake\"
```

![the button](button.png)

### Mind

Wait.

## Open it

```step
part = \"filter\"
```

---

## Sources

A book.
";

    #[test]
    fn a_file_is_an_intro_steps_and_notes() {
        let found = outline(GOOD);
        assert_eq!(found.faults, []);
        assert_eq!((found.intro.as_str(), found.notes.as_str()), ("Before *anything* else.", "## Sources\n\nA book."));
        let titles: Vec<_> = found.steps.iter().map(|step| step.title.as_str()).collect();
        assert_eq!(titles, ["Stop it", "Open it"]);
        assert_eq!(found.steps[0].text, "Press stop.\n\n![the button](button.png)\n\n### Mind\n\nWait.");
        assert_eq!(found.steps[1].text, "");
        let blocks: Vec<_> = found.steps.iter().map(|step| &GOOD[step.block.clone().unwrap()]).collect();
        assert_eq!(blocks, ["part = \"brake\"\n", "part = \"filter\"\n"]);
        assert_eq!(found.pictures.iter().map(|(file, _)| file.as_str()).collect::<Vec<_>>(), ["button.png"]);
    }

    #[track_caller]
    fn fault(text: &str, expected: &[&str]) {
        let found = outline(text);
        let line = |at: &Range<usize>| {
            text[..at.start].lines().count().max(1) + usize::from(text[..at.start].ends_with('\n') && at.start > 0)
        };
        let said: Vec<_> = found.faults.iter().map(|(at, message, _)| format!("{}: {message}", line(at))).collect();
        assert_eq!(said, expected, "{text}");
    }

    #[test]
    fn what_is_no_procedure_says_where() {
        const STEP: &str = "## A\n```step\n```\n";
        fault("", &["1: a procedure begins with its title", "1: a procedure needs a step"]);
        fault(STEP, &["1: a procedure begins with its title"]);
        fault("# T\n## A\nwords\n", &["2: step \"A\" has no block"]);
        fault(&format!("# T\n{STEP}# U\n"), &["5: a procedure has one title"]);
        fault("# T\n```step\n```\n## A\n```step\n```\n", &["2: this block stands before the first step"]);
        fault(&format!("# T\n{STEP}```step\n```\n"), &["5: this step has a block already"]);
        fault(&format!("# T\n{STEP}---\n```step\n```\n"), &["6: this block belongs to no step"]);
        fault("# T\n## A\n> ```step\n> ```\n", &["3: this block belongs to no step", "2: step \"A\" has no block"]);
        fault("# T\n##\n```step\n```\n", &["2: this step has no title"]);
        let many = format!("# T\n{}", STEP.repeat(65));
        fault(&many, &["194: a procedure has at most 64 steps"]);
    }

    proptest::proptest! {
        /// The parser is not ours, and the file comes from outside.
        #[test]
        fn no_text_panics(pieces in proptest::collection::vec(proptest::sample::select(vec![
            "# ", "## ", "```step", "```", "\n", "\n\n", "---\n", "> ", "- ", "  ", "a", "ä", "![x](", ")", "|", "\t", "`", "*", "[", "]",
            "<b>", "part = \"a\"", "\u{0}", "\r\n", "===\n", "~~~step\n",
        ]), 0..40)) {
            let text = pieces.concat();
            let found = outline(&text);
            for step in &found.steps {
                proptest::prop_assert!(step.block.clone().is_none_or(|at| text.get(at).is_some()));
            }
        }
    }
}
