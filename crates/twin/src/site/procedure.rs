//! The procedures of a type: the keys of `[[procedure]]` and of a step's block, and what can be wrong with them.
//!
//! The caller reads the Markdown files and hands their text over; which part of it is what, `crate::procedure` knows.

use std::collections::{BTreeSet, HashMap};
use std::ops::Range;
use std::sync::Arc;

use super::check_site::unique;
use super::expand::Repeat;
use super::file::{TypeFile, join};
use super::node::Node;
use super::problem::{FileText, Problem, ProblemSeverity, Problems, Spanned};
use super::read::read;
use super::references::References;
use super::rule::Rule;
use super::shape::{Kind, Shape, bound};
use super::shape_type::{FILE, ID, NAME, key, required};
use crate::procedure::{Condition, MOST_FILE, MOST_SIGNALS, Procedure, Step, TAKEN_IDS, outline, sha256};

/// Most procedures of a type.
pub(super) const MOST: usize = 64;
/// Longest condition, bytes: an expression, and for how long.
const CONDITION: Kind = Kind::Text { rule: Rule::Expression, max: bound::EXPRESSION };

/// `[[procedure]]`.
pub(super) static PROCEDURE: Shape = Shape {
    name: "a procedure",
    definition: "procedure",
    doc: "What a technician does step by step, watched by telemetry.",
    keys: &[
        required("id", ID, "Id within the type: a level of the topic of its records."),
        required("title", NAME, "Title."),
        required("file", FILE, "Markdown file, relative to this file; docs/procedures.md says what it holds."),
    ],
    exactly_one_of: &[],
    refused: &[],
};

/// The block of a step. It stands in Markdown: no schema is made of it.
static STEP: Shape = Shape {
    name: "a step",
    definition: "step",
    doc: "One step of a procedure.",
    keys: &[
        required("part", Kind::Text { rule: Rule::PartId, max: bound::ID }, "Id of the part that it is about."),
        key("interlock", CONDITION, "The step is offered only while this holds: CEL, and `for 30 s` behind it."),
        key("done", CONDITION, "The step is done when this holds; a person says so if absent."),
        key("confirm", Kind::True, "A person says that it is done, and can only while `done` holds."),
        key("skip", Kind::True, "The step may be left out, with a reason."),
        key(
            "values",
            Kind::Texts { rule: Rule::Line, max: bound::NAME, most: 32 },
            "Torques and other values: \"Screws M12: 65 N·m\".",
        ),
        key(
            "show",
            Kind::Texts { rule: Rule::SignalRef, max: 2 * bound::ID, most: MOST_SIGNALS },
            "Signals that are shown and recorded beside those of the conditions.",
        ),
        key("simulate", Kind::Table(&SIMULATE), "What does it at a simulated asset."),
    ],
    exactly_one_of: &[],
    refused: &[],
};

static SIMULATE: Shape = Shape {
    name: "`simulate`",
    definition: "simulate",
    doc: "A switch of the simulated machine.",
    keys: &[required("switch", ID, "Name of the switch."), required("on", Kind::Bool, "Where it is turned to.")],
    exactly_one_of: &[],
    refused: &[],
};

/// A `[[procedure]]`, and what its file holds once that is read.
#[derive(Clone, Debug, Default)]
pub(crate) struct ProcedureFile {
    id: Spanned<String>,
    title: String,
    file: Spanned<String>,
    read: Option<Read>,
}

#[derive(Clone, Debug)]
struct Read {
    procedure: Arc<Procedure>,
    text: Arc<FileText>,
    /// As written, relative to the folder of the file.
    pictures: Vec<(String, Range<usize>)>,
    switches: Vec<Spanned<String>>,
}

/// The procedures that a type file names.
pub(super) fn files(nodes: &[Node], problems: &mut Problems) -> Vec<ProcedureFile> {
    let all = nodes.iter().filter_map(|node| {
        let (id, file) = (node.text("id")?, node.text("file")?);
        Some(ProcedureFile { id, title: node.plain("title")?, file, read: None })
    });
    let all: Vec<ProcedureFile> = all.collect();
    unique("procedure", all.iter().map(|one| &one.id), problems);
    for one in all.iter().filter(|one| TAKEN_IDS.contains(&one.id.value.as_str())) {
        let message =
            format!("a procedure cannot be called \"{}\": its records would have another one's topic", one.id.value);
        problems.error_with(&one.id.span, message, "give it an id that says what is done");
    }
    all
}

impl TypeFile {
    /// The procedures that were read.
    pub(super) fn procedures(&self) -> impl Iterator<Item = Arc<Procedure>> {
        self.procedures.iter().filter_map(|one| Some(Arc::clone(&one.read.as_ref()?.procedure)))
    }

    /// The files of the procedures, relative to the folder of the site file, in the order of the type file.
    #[must_use]
    pub fn procedure_files(&self) -> Vec<String> {
        self.procedures.iter().map(|one| join(&self.folder_from_site, &one.file)).collect()
    }

    /// The problem of the file of a procedure (an index) that the caller could not read, where the type file names it.
    #[must_use]
    pub fn procedure_problem(&self, index: usize, message: &str, hint: &str) -> Problem {
        let (file, span) = self
            .procedures
            .get(index)
            .map_or_else(Default::default, |one| (one.file.value.clone(), one.file.span.clone()));
        let hint = (!hint.is_empty()).then(|| hint.to_owned());
        self.text.problem(ProblemSeverity::Error, &span, format!("procedure \"{file}\": {message}"), hint)
    }

    /// Takes the text of the file of a procedure (an index), whose name in messages is `name`, and gives what is wrong
    /// with it. A procedure with an error is left out: half a procedure is worse than none.
    pub fn read_procedure(&mut self, index: usize, text: &str, name: &str) -> Vec<Problem> {
        let Some(one) = self.procedures.get(index).cloned() else { return Vec::new() };
        if text.len() > MOST_FILE {
            let message = format!("the file has {} bytes; at most {MOST_FILE} are read", text.len());
            return vec![self.procedure_problem(index, &message, "make two procedures of it")];
        }
        let source = Arc::new(FileText::new(text, name));
        let mut problems = Problems::new(Arc::clone(&source));
        let found = outline(text);
        for (at, message, hint) in &found.faults {
            problems.error_with(at, message.clone(), hint.clone());
        }
        let ids: HashMap<String, u32> =
            self.tables.parts.iter().zip(0..).map(|(part, row)| (part.part.id.clone(), row)).collect();
        let mut steps = Vec::new();
        let mut switches = Vec::new();
        for section in &found.steps {
            let Some(block) = section.block.clone() else { continue };
            let mut reader = StepReader { file: self, ids: &ids, problems: &mut problems, switches: &mut switches };
            steps.extend(reader.step(text, block).map(|step| Step {
                title: section.title.clone(),
                text: section.text.clone(),
                ..step
            }));
        }
        let is_sound = problems.is_empty();
        let procedure = Procedure {
            id: one.id.value.clone(),
            title: one.title.clone(),
            file: join(&self.folder_from_site, &one.file),
            sha256: sha256(text),
            intro: found.intro,
            steps,
            notes: found.notes,
        };
        if let Some(place) = self.procedures.get_mut(index).filter(|_| is_sound) {
            let pictures = found.pictures;
            place.read = Some(Read { procedure: Arc::new(procedure), text: source, pictures, switches });
        }
        problems.finish()
    }

    /// A warning for each picture of a procedure that is not there. `is_there` gets its path relative to the folder of the
    /// site file; what is no path (`https://…`) is not shown and warned of too.
    #[must_use]
    pub fn missing_pictures(&self, is_there: impl Fn(&str) -> bool) -> Vec<Problem> {
        let read = self.procedures.iter().filter_map(|one| one.read.as_ref());
        let all = read.flat_map(|read| read.pictures.iter().map(move |picture| (read, picture)));
        let missing = all.filter(|(read, (file, _))| {
            let folder = read.procedure.file.rsplit_once('/').map_or("", |(folder, _)| folder);
            file.contains("://") || !is_there(&join(folder, file))
        });
        let problem = |(read, (file, span)): (&Read, &(String, Range<usize>))| {
            let hint = "the path is relative to the folder of this file".to_owned();
            read.text.problem(ProblemSeverity::Warning, span, format!("there is no picture \"{file}\""), Some(hint))
        };
        missing.map(problem).collect()
    }

    /// An error for each switch of a `simulate` that is none of `known`, those of the type's simulator.
    #[must_use]
    pub fn unknown_switches(&self, known: &[&str]) -> Vec<Problem> {
        let read = self.procedures.iter().filter_map(|one| one.read.as_ref());
        let all = read.flat_map(|read| read.switches.iter().map(move |switch| (read, switch)));
        let unknown = all.filter(|(_, switch)| !known.contains(&switch.value.as_str()));
        let problem = |(read, switch): (&Read, &Spanned<String>)| {
            let message = format!("the simulator has no switch \"{}\"", switch.value);
            let hint = if known.is_empty() {
                "the type has no simulator, or that has no switches".to_owned()
            } else {
                format!("it has {}", known.join(", "))
            };
            read.text.problem(ProblemSeverity::Error, &switch.span, message, Some(hint))
        };
        unknown.map(problem).collect()
    }
}

/// Reads the block of a step.
struct StepReader<'a> {
    file: &'a TypeFile,
    ids: &'a HashMap<String, u32>,
    problems: &'a mut Problems,
    switches: &'a mut Vec<Spanned<String>>,
}

impl StepReader<'_> {
    fn step(&mut self, text: &str, block: Range<usize>) -> Option<Step> {
        // What comes before becomes spaces and line breaks, so that places are those of the file.
        let before = text.get(..block.start)?.bytes().map(|byte| if byte == b'\n' { '\n' } else { ' ' });
        let padded: String = before.chain(text.get(block.clone())?.chars()).collect();
        let node = match toml_edit::Document::parse(padded.as_str()) {
            Ok(document) => read(&STEP, document.as_table(), block, self.problems),
            Err(error) => {
                let at = error.span().unwrap_or(block);
                self.problems.error_with(
                    &at,
                    format!("not valid TOML: {}", error.message()),
                    "a line of the block is `key = value`",
                );
                return None;
            }
        };
        let part = node.text("part")?;
        let Some(row) = self.ids.get(&part.value).copied() else {
            let known = self.file.tables.parts.iter().map(|part| part.part.id.as_str());
            let meant = super::check_site::did_you_mean(&part.value, known);
            self.problems.error(&part.span, format!("there is no part \"{}\"{meant}", part.value));
            return None;
        };
        let mut signals = BTreeSet::new();
        let interlock = self.condition(&node, "interlock", row, &mut signals);
        let done = self.condition(&node, "done", row, &mut signals);
        if let Some(span) = node.span_of("confirm").filter(|_| node.text("done").is_none()) {
            let hint = "without `done` a person says when the step is done";
            self.problems.error_with(&span, "`confirm` has no effect without `done`", hint);
        }
        let show = node.texts("show");
        for name in &show {
            signals.extend(self.names(row, |names| names.signal(name)));
        }
        if signals.len() > MOST_SIGNALS {
            let message = format!("the step looks at {} signals; at most {MOST_SIGNALS} are recorded", signals.len());
            self.problems.error_with(&part.span, message, "show fewer, or make two steps of it");
        }
        Some(Step {
            part: part.value,
            interlock,
            done,
            confirm: node.flag("confirm").is_some(),
            skip: node.flag("skip").is_some(),
            values: self.values(&node),
            show: show.into_iter().map(|name| name.value).collect(),
            simulate: self.simulate(&node),
            ..Step::default()
        })
    }

    /// Names as the part sees them.
    fn names<T>(&mut self, row: u32, ask: impl FnOnce(&mut References<'_>) -> T) -> T {
        ask(&mut References {
            tables: &self.file.tables,
            ids: self.ids,
            row,
            repeat: Repeat::NONE,
            said: &mut BTreeSet::new(),
            checked: &mut HashMap::new(),
            problems: self.problems,
        })
    }

    fn condition(&mut self, node: &Node, key: &str, row: u32, signals: &mut BTreeSet<u32>) -> Option<Condition> {
        let text = node.text(key)?;
        match Condition::parse(&text) {
            Ok(condition) => {
                let expression = Spanned::new(condition.expression.clone(), text.span);
                signals.extend(self.names(row, |names| names.expression(&expression)));
                Some(condition)
            }
            Err((message, at)) => {
                let span = self.problems.text().within(&text.span, &text, at);
                self.problems.error_with(&span, message, "such as `for 30 s`, `for 5 m`");
                None
            }
        }
    }

    fn values(&mut self, node: &Node) -> Vec<(String, String)> {
        let mut values = Vec::new();
        for line in node.texts("values") {
            match line.split_once(": ") {
                Some((name, value)) => values.push((name.trim().to_owned(), value.trim().to_owned())),
                None => self.problems.error_with(&line.span, "a value has no name", "write \"name: value\""),
            }
        }
        values
    }

    fn simulate(&mut self, node: &Node) -> Option<(String, bool)> {
        let simulate = node.table("simulate")?;
        let (switch, on) = (simulate.text("switch")?, simulate.flag("on")?);
        self.switches.push(switch.clone());
        Some((switch.value, on.value))
    }
}
