//! Checks CEL expressions when a file is read: that they compile, what they name, and what would fail on every value.
//!
//! Not their evaluation, and not which language they are in: that is [`crate::expression`]. Invariant: only texts within [`bound::EXPRESSION`] and [`MAX_NESTING`] reach the parser,
//! because it recurses and a stack that overflows ends the process.

use std::ops::Range;
use std::sync::LazyLock;

use cel::Env;
use cel::common::ast::{EntryExpr, Expr, IdedExpr, LiteralValue, SourceInfo};

use super::shape::bound;
use super::suggest::nearest;
use crate::expression::Language;

/// Deepest nesting of brackets, and longest run of prefix operators.
const MAX_NESTING: usize = 32;

/// Stands for `{n}` while a template is checked: as long, so that places stay true, and part of an identifier.
const REPEAT: &str = "_n_";

/// Functions that expressions may call (those of CEL's standard library that make sense on signals).
const FUNCTIONS: [&str; 10] =
    ["size", "contains", "startsWith", "endsWith", "double", "int", "uint", "string", "bool", "dyn"];

/// Functions of the extension `math`.
const MATH: [&str; 12] =
    ["abs", "ceil", "floor", "greatest", "isFinite", "isInf", "isNaN", "least", "round", "sign", "sqrt", "trunc"];

/// A signal that an expression names: `signal`, or `part.signal`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Name {
    /// The part, with `{n}` as written; `None`: the expression's own.
    pub part: Option<String>,
    /// The signal.
    pub signal: String,
    /// Where the expression has it.
    pub at: Range<usize>,
}

/// What is wrong with an expression, and where in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ExpressionFault {
    pub message: String,
    pub hint: Option<String>,
    pub at: Range<usize>,
}

fn fault(message: impl Into<String>, hint: Option<&str>, at: Range<usize>) -> ExpressionFault {
    ExpressionFault { message: message.into(), hint: hint.map(str::to_owned), at }
}

/// What was found out about an expression.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Checked {
    /// The signals that it names.
    pub names: Vec<Name>,
    /// Everything that is wrong with it alone.
    pub faults: Vec<ExpressionFault>,
}

/// Checks an expression (with `{n}` in it, where its part repeats).
pub(crate) fn check(text: &str) -> Checked {
    let failed = |faults| Checked { names: Vec::new(), faults };
    if text.len() > bound::EXPRESSION || text.trim().is_empty() {
        // Already reported.
        return Checked::default();
    }
    if let Some(at) = too_deep(text) {
        return failed(vec![fault(format!("the expression nests deeper than {MAX_NESTING}"), None, at..text.len())]);
    }
    let source = text.replace("{n}", REPEAT);
    let program = match ENV.compile(&source) {
        Ok(program) => program,
        Err(errors) => return failed(syntax(&source, &errors)),
    };
    let mut walk =
        Walk { source: &source, info: program.source_info(), bound: Vec::new(), names: Vec::new(), faults: Vec::new() };
    walk.visit(program.expression());
    let Walk { names, mut faults, .. } = walk;
    if faults.is_empty()
        && let Err(error) = LANGUAGE.compile(&source)
    {
        faults.push(fault(error.to_string(), None, 0..source.len()));
    }
    Checked { names, faults }
}

/// What evaluates the expressions; it has the last word on what is allowed.
static LANGUAGE: LazyLock<Language> = LazyLock::new(Language::default);

/// The same language, whose programs can be walked.
static ENV: LazyLock<Env> = LazyLock::new(|| {
    let mut env = Env::stdlib();
    // Fails only if its names are taken, and the standard library takes none of them.
    let _ = env.add_extension(cel::extensions::math);
    env
});

/// Where brackets or prefix operators nest too deep.
fn too_deep(text: &str) -> Option<usize> {
    let (mut depth, mut prefix, mut choices) = (0_usize, 0_usize, 0_usize);
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'(' | b'[' | b'{' => depth += 1,
            b')' | b']' | b'}' => depth = depth.saturating_sub(1),
            b'?' => choices += 1,
            _ => {}
        }
        prefix = if matches!(byte, b'!' | b'-') { prefix + 1 } else { 0 };
        if depth > MAX_NESTING || prefix > MAX_NESTING || choices > MAX_NESTING {
            return Some(at);
        }
    }
    None
}

/// The first error of CEL's parser in words of ours; the later ones follow from it.
fn syntax(source: &str, errors: &cel::ParseErrors) -> Vec<ExpressionFault> {
    let Some(error) = errors.errors.first() else {
        return vec![fault("is not an expression", None, 0..source.len())];
    };
    let at = place(source, error.pos).unwrap_or(0);
    let message = error.msg.strip_prefix("Syntax error: ").unwrap_or(&error.msg);
    let message = message.split(" expecting ").next().unwrap_or(message);
    let quoted = message.split_once('\'').and_then(|(_, rest)| rest.rsplit_once('\'')).map(|(token, _)| token);
    let (message, length) = match quoted {
        Some("<EOF>") => ("the expression ends too early".to_owned(), 0),
        Some(token) => (format!("`{token}` is not expected here"), token.len()),
        None => (message.to_owned(), 0),
    };
    vec![fault(message, None, at..(at + length).min(source.len()))]
}

/// CEL's line and column (both from 1, columns in characters) as a byte.
fn place(source: &str, (line, column): (isize, isize)) -> Option<usize> {
    let line = usize::try_from(line.checked_sub(1)?).ok()?;
    let column = usize::try_from(column.checked_sub(1)?).ok()?;
    let start = if line == 0 { 0 } else { source.match_indices('\n').nth(line - 1)?.0 + 1 };
    let rest = source.get(start..)?;
    let within = rest.char_indices().nth(column).map_or(rest.len(), |(at, _)| at);
    Some(start + within)
}

struct Walk<'a> {
    source: &'a str,
    info: &'a SourceInfo,
    /// Variables of comprehensions around.
    bound: Vec<&'a str>,
    names: Vec<Name>,
    faults: Vec<ExpressionFault>,
}

impl<'a> Walk<'a> {
    /// The bytes of `word` at the node, or else the whole expression.
    fn span(&self, node: &IdedExpr, word: &str) -> Range<usize> {
        let nth = |nth: u32| self.source.char_indices().nth(nth as usize).map(|(at, _)| at);
        let near = self.info.offset_for(node.id).and_then(|(start, _)| nth(start)).unwrap_or(0);
        find_word(self.source, word, near).or_else(|| find_word(self.source, word, 0)).unwrap_or(0..self.source.len())
    }

    fn visit(&mut self, node: &'a IdedExpr) {
        match &node.expr {
            Expr::Unspecified | Expr::Literal(_) => {}
            Expr::Ident(name) => {
                if !name.starts_with('@') && !self.bound.contains(&name.as_str()) && name != REPEAT {
                    let at = self.span(node, name);
                    self.names.push(Name { part: None, signal: name.replace(REPEAT, "{n}"), at });
                }
            }
            Expr::Select(select) => match &select.operand.expr {
                Expr::Ident(part) if !self.bound.contains(&part.as_str()) => {
                    let (part, signal) = (part.as_str(), select.field.as_str());
                    let at = self.span(&select.operand, &format!("{part}.{signal}"));
                    let (part, signal) = (part.replace(REPEAT, "{n}"), signal.replace(REPEAT, "{n}"));
                    self.names.push(Name { part: Some(part), signal, at });
                }
                Expr::Select(_) => {
                    let at = self.span(node, &select.field);
                    self.faults.push(fault("a signal is `x` or `part.x`, nothing deeper", None, at));
                }
                _ => self.visit(&select.operand),
            },
            Expr::Call(call) => {
                let math =
                    matches!(call.target.as_deref(), Some(IdedExpr { expr: Expr::Ident(name), .. }) if name == "math");
                self.function(node, &call.func_name, math);
                self.arithmetic(&call.func_name, &call.args);
                if let Some(target) = call.target.as_deref().filter(|_| !math) {
                    self.visit(target);
                }
                for argument in &call.args {
                    self.visit(argument);
                }
            }
            Expr::List(list) => list.elements.iter().for_each(|element| self.visit(element)),
            Expr::Map(map) => {
                for entry in &map.entries {
                    if let EntryExpr::MapEntry(entry) = &entry.expr {
                        self.visit(&entry.key);
                        self.visit(&entry.value);
                    }
                }
            }
            Expr::Struct(_) => self.faults.push(fault("messages are not known here", None, 0..self.source.len())),
            Expr::Comprehension(comprehension) => {
                self.visit(&comprehension.iter_range);
                self.visit(&comprehension.accu_init);
                let depth = self.bound.len();
                self.bound.push(&comprehension.iter_var);
                self.bound.extend(comprehension.iter_var2.as_deref());
                self.visit(&comprehension.loop_cond);
                self.visit(&comprehension.loop_step);
                self.bound.truncate(depth);
                self.visit(&comprehension.result);
            }
        }
    }

    fn function(&mut self, node: &IdedExpr, name: &str, math: bool) {
        // Operators are `_+_`, `!_`, `@in`; what a macro of `math` makes is `math.@max`.
        let written = name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_') && !name.starts_with('_');
        let known: &[&str] = if math { &MATH } else { &FUNCTIONS };
        if !written || known.contains(&name) {
            return;
        }
        let at = self.span(node, name);
        let space = if math { "math." } else { "" };
        let meant = match nearest(name, known.iter().copied()) {
            Some(near) => format!("; did you mean `{space}{near}`?"),
            None => match name {
                "min" => "; did you mean `math.least`?".to_owned(),
                "max" => "; did you mean `math.greatest`?".to_owned(),
                _ if !math && MATH.contains(&name) => format!("; did you mean `math.{name}`?"),
                _ => String::new(),
            },
        };
        let hint = format!("{space}{}", known.join(&format!(", {space}")));
        self.faults.push(fault(format!("there is no function `{space}{name}`{meant}"), Some(&hint), at));
    }

    /// Signals are doubles, and CEL has no operator between a double and a whole number: it would fail on each value.
    fn arithmetic(&mut self, operator: &str, args: &[IdedExpr]) {
        if !matches!(operator, "_+_" | "_-_" | "_*_" | "_/_" | "_%_") {
            return;
        }
        let whole = |node: &IdedExpr| match &node.expr {
            Expr::Literal(LiteralValue::Int(number)) => Some(*number.inner()),
            _ => None,
        };
        let [left, right] = args else { return };
        let (number, node) = match (whole(left), whole(right)) {
            (Some(number), None) if !integral(right) => (number, left),
            (None, Some(number)) if !integral(left) => (number, right),
            _ => return,
        };
        let at = self.span(node, &number.to_string());
        let hint = format!("write {number}.0");
        self.faults.push(fault(format!("`{number}` is a whole number, and signals are not"), Some(&hint), at));
    }
}

/// The first place at or after `from` where `word` stands for itself.
fn find_word(source: &str, word: &str, from: usize) -> Option<Range<usize>> {
    let inside = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let rest = source.get(from..)?;
    rest.match_indices(word).map(|(at, _)| from + at..from + at + word.len()).find(|at| {
        let before = source.get(..at.start).and_then(|text| text.chars().next_back());
        let after = source.get(at.end..).and_then(|text| text.chars().next());
        !before.is_some_and(inside) && !after.is_some_and(inside)
    })
}

/// Whether an expression certainly gives a whole number.
fn integral(node: &IdedExpr) -> bool {
    match &node.expr {
        Expr::Literal(LiteralValue::Int(_)) => true,
        Expr::Ident(name) => name == REPEAT,
        Expr::Call(call) => {
            matches!(call.func_name.as_str(), "int" | "size") || call.args.iter().all(integral) && !call.args.is_empty()
        }
        _ => false,
    }
}
