//! Expressions in CEL (Common Expression Language): derived signals, health, alarm conditions.
//!
//! Inputs are signals by name: `x` for one of the same part, `part.x` for one of another part of the asset. All numbers
//! are doubles. CEL does not mix integers and doubles in arithmetic (`2 * x` is an error, `2.0 * x` is not; comparing
//! is fine): the error says so. The extension `math` is there (`math.greatest`, `math.abs`, …).
//!
//! Bounds: [`MAX_SOURCE`] bytes; no macros inside macros, so the cost is at most quadratic in the text, and texts among
//! the inputs are at most [`Value::MAX_TEXT`] bytes.

use std::sync::Arc;

use cel::common::ast::{EntryExpr, Expr, IdedExpr, LiteralValue};
use cel::common::types::{CelBool, CelDouble, CelString};
use cel::common::value::CowVal;
use cel::context::VariableResolver;
use cel::{Context, Env, ExecutionError, Program};

use crate::value::Value;

/// Longest expression, in bytes: parser and interpreter recurse for each operator, and a stack that overflows ends the
/// process. A test runs the longest chains on a stack of 2 MiB, which is what a thread has.
pub const MAX_SOURCE: usize = 1_000;

/// The language as all expressions of a twin see it; cheap to clone.
#[derive(Clone)]
pub struct Language(Arc<Env>);

impl std::fmt::Debug for Language {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Language(CEL with math)")
    }
}

impl Default for Language {
    fn default() -> Self {
        let mut env = Env::stdlib();
        // Fails only if its names are taken, and the standard library takes none of them.
        let _ = env.add_extension(cel::extensions::math);
        Self(Arc::new(env))
    }
}

/// A compiled expression.
#[derive(Debug)]
pub struct Expression {
    program: Program,
    inputs: Vec<String>,
}

/// Why an expression is not one.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CompileError {
    /// Longer than [`MAX_SOURCE`].
    #[error("the expression is longer than {MAX_SOURCE} bytes")]
    TooLong,
    /// Not CEL.
    #[error("not a CEL expression: {message} (line {line}, column {column})")]
    Syntax {
        /// What the parser says.
        message: String,
        /// Line in the expression, from 1.
        line: usize,
        /// Column in the line, from 1.
        column: usize,
    },
    /// CEL, but not of the part that is allowed here.
    #[error("{0}")]
    NotAllowed(&'static str),
}

impl Language {
    /// Compiles an expression.
    ///
    /// # Errors
    ///
    /// If it is too long, not CEL, or uses what is not allowed here (structures, nested macros).
    pub fn compile(&self, source: &str) -> Result<Expression, CompileError> {
        if source.len() > MAX_SOURCE {
            return Err(CompileError::TooLong);
        }
        let program = self.0.compile(source).map_err(|errors| syntax_error(&errors))?;
        let mut walk = Walk::default();
        walk.expression(program.expression(), 0)?;
        walk.inputs.sort_unstable();
        walk.inputs.dedup();
        Ok(Expression { program, inputs: walk.inputs })
    }
}

fn syntax_error(errors: &cel::ParseErrors) -> CompileError {
    let first = errors.errors.first();
    let position = |at: isize| usize::try_from(at).unwrap_or(1).max(1);
    CompileError::Syntax {
        message: first.map_or_else(|| "it cannot be parsed".to_owned(), |error| error.msg.clone()),
        line: first.map_or(1, |error| position(error.pos.0)),
        column: first.map_or(1, |error| position(error.pos.1)),
    }
}

impl Expression {
    /// The names it reads, sorted: `x` or `part.x`.
    #[must_use]
    pub fn inputs(&self) -> &[String] {
        &self.inputs
    }

    /// Evaluates it; `values` are those of [`Expression::inputs`], in their order.
    ///
    /// # Errors
    ///
    /// One sentence on why there is no result: an input without a value, types that do not fit, a division by zero, a
    /// result that is not a number, switch or text.
    pub fn evaluate(&self, language: &Language, values: &[Option<Value>]) -> Result<Value, String> {
        let inputs = Inputs { names: &self.inputs, values };
        let mut context = Context::with_env(Arc::clone(&language.0));
        context.set_variable_resolver(&inputs);
        let result = self.program.execute(&context).map_err(|error| explain(&error))?;
        match result {
            cel::Value::Float(number) if number.is_finite() => Ok(Value::Number(number)),
            cel::Value::Float(_) => Err("the result is not a finite number".to_owned()),
            cel::Value::Int(number) => Ok(Value::Number(number as f64)),
            cel::Value::UInt(number) => Ok(Value::Number(number as f64)),
            cel::Value::Bool(flag) => Ok(Value::Flag(flag)),
            cel::Value::String(text) if text.len() <= Value::MAX_TEXT => Ok(Value::Text(text.as_str().into())),
            cel::Value::String(_) => Err(format!("the result is a text of more than {} bytes", Value::MAX_TEXT)),
            other => Err(format!("the result is a {}; it must be a number, a switch or a text", other.type_of())),
        }
    }
}

const MIXING: &str = "; CEL does not mix whole numbers and doubles: write 2.0, not 2";

/// Whether the types are both kinds of number.
fn mixes<'a>(types: impl Iterator<Item = &'a str>) -> bool {
    let (mut whole, mut double) = (false, false);
    for name in types {
        whole |= matches!(name, "int" | "uint");
        double |= name == "double";
    }
    whole && double
}

/// What CEL says, in one line of at most 240 bytes, with the remedy for its most frequent surprise.
fn explain(error: &ExecutionError) -> String {
    let mut text = match error {
        ExecutionError::UndeclaredReference(name) => format!("`{name}` has no value"),
        ExecutionError::NoSuchOverload(overload) => {
            let hint = if mixes(overload.argument_types().iter().map(String::as_str)) { MIXING } else { "" };
            format!("{error}{hint}")
        }
        ExecutionError::UnsupportedBinaryOperator(operator, left, right) => {
            // CEL calls doubles `double` in the language and `float` in here.
            let name = |value: &cel::Value| value.type_of().to_string().replace("float", "double");
            let (left, right) = (name(left), name(right));
            let hint = if mixes([left.as_str(), right.as_str()].into_iter()) { MIXING } else { "" };
            format!("cannot {operator} {left} and {right}{hint}")
        }
        _ => error.to_string(),
    };
    if text.len() > 240 {
        let end = (0..=240).rev().find(|end| text.is_char_boundary(*end)).unwrap_or(0);
        text.truncate(end);
    }
    text
}

/// The inputs of one evaluation, as CEL asks for them. An input without a value is an undeclared reference.
struct Inputs<'a> {
    names: &'a [String],
    values: &'a [Option<Value>],
}

impl VariableResolver for Inputs<'_> {
    fn resolve<'b>(&'b self, variable: &str) -> Option<CowVal<'b, 'b>> {
        let at = self.names.binary_search_by(|name| name.as_str().cmp(variable)).ok()?;
        match self.values.get(at)?.as_ref()? {
            Value::Number(number) => Some(CowVal::owned(CelDouble::from(*number))),
            Value::Flag(flag) => Some(CowVal::owned(CelBool::from(*flag))),
            Value::Text(text) => Some(CowVal::owned(CelString::from(&**text))),
        }
    }
}

/// Finds the inputs of an expression and refuses what is not allowed.
#[derive(Default)]
struct Walk {
    inputs: Vec<String>,
    /// Variables of the macros that surround the node.
    bound: Vec<String>,
}

impl Walk {
    fn expression(&mut self, node: &IdedExpr, macros: u8) -> Result<(), CompileError> {
        match &node.expr {
            Expr::Ident(name) => self.name(vec![name.as_str()]),
            Expr::Select(select) => match qualified(node) {
                Some(segments) => self.name(segments),
                None => self.expression(&select.operand, macros)?,
            },
            Expr::Call(call) => {
                // The target of a call may be the namespace of the function (`math.abs`), which is no input.
                if let Some(target) = &call.target
                    && !is_namespace(target)
                {
                    self.expression(target, macros)?;
                }
                for argument in &call.args {
                    self.expression(argument, macros)?;
                }
            }
            Expr::List(list) => {
                for element in &list.elements {
                    self.expression(element, macros)?;
                }
            }
            Expr::Comprehension(comprehension) => {
                if macros > 0 {
                    return Err(CompileError::NotAllowed("macros inside macros are not allowed"));
                }
                self.expression(&comprehension.iter_range, macros)?;
                let outside = self.bound.len();
                self.bound.push(comprehension.iter_var.clone());
                self.bound.extend(comprehension.iter_var2.clone());
                self.bound.push(comprehension.accu_var.clone());
                for inner in [
                    &comprehension.accu_init,
                    &comprehension.loop_cond,
                    &comprehension.loop_step,
                    &comprehension.result,
                ] {
                    self.expression(inner, macros + 1)?;
                }
                self.bound.truncate(outside);
            }
            Expr::Map(map) => {
                for entry in &map.entries {
                    let EntryExpr::MapEntry(entry) = &entry.expr else {
                        return Err(CompileError::NotAllowed("structures are not allowed"));
                    };
                    self.expression(&entry.key, macros)?;
                    self.expression(&entry.value, macros)?;
                }
            }
            Expr::Struct(_) => return Err(CompileError::NotAllowed("structures are not allowed")),
            Expr::Literal(LiteralValue::Bytes(_)) => {
                return Err(CompileError::NotAllowed("byte literals are not allowed"));
            }
            Expr::Literal(_) | Expr::Unspecified => {}
        }
        Ok(())
    }

    fn name(&mut self, segments: Vec<&str>) {
        let Some(root) = segments.first() else { return };
        if !self.bound.iter().any(|name| name == root) && !root.starts_with('@') {
            self.inputs.push(segments.join("."));
        }
    }
}

/// The segments of a name with dots, if the node is one; a test (`has(a.b)`) counts as its name.
fn qualified(node: &IdedExpr) -> Option<Vec<&str>> {
    let mut segments = Vec::new();
    let mut at = node;
    loop {
        match &at.expr {
            Expr::Ident(name) => {
                segments.push(name.as_str());
                segments.reverse();
                return Some(segments);
            }
            Expr::Select(select) => {
                segments.push(select.field.as_str());
                at = &select.operand;
            }
            _ => return None,
        }
    }
}

fn is_namespace(node: &IdedExpr) -> bool {
    matches!(&node.expr, Expr::Ident(name) if name == "math" || name == "optional")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(value: f64) -> Option<Value> {
        Some(Value::Number(value))
    }

    #[track_caller]
    fn check(source: &str, named: &[(&str, Option<Value>)], expected: Result<Value, &str>) {
        let language = Language::default();
        let expression = language.compile(source).unwrap();
        let values: Vec<Option<Value>> = expression
            .inputs()
            .iter()
            .map(|input| named.iter().find(|(name, _)| name == input).and_then(|(_, value)| value.clone()))
            .collect();
        match (expression.evaluate(&language, &values), expected) {
            (Ok(value), Ok(expected)) => assert_eq!(value, expected, "{source}"),
            (Err(error), Err(part)) => assert!(error.contains(part), "{source}: {error:?} does not say {part:?}"),
            (got, expected) => panic!("{source}: {got:?}, expected {expected:?}"),
        }
    }

    #[test]
    fn results() {
        let x = [("x", number(3.0)), ("other.y", number(4.0))];
        check("x + other.y", &x, Ok(Value::Number(7.0)));
        check("1.0 - (x - 1.0) / 4.0", &x, Ok(Value::Number(0.5)));
        check("x > 2 && other.y < 5", &x, Ok(Value::Flag(true)));
        check("x > 2.5 ? 'hot' : 'cold'", &x, Ok(Value::Text("hot".into())));
        check("1 + 1", &[], Ok(Value::Number(2.0)));
        check("math.greatest(x, other.y)", &x, Ok(Value::Number(4.0)));
        check("math.abs(x - other.y)", &x, Ok(Value::Number(1.0)));
        check("[1.0, 2.0].exists(v, v > x - 2.0)", &x, Ok(Value::Flag(true)));
        check("on", &[("on", Some(Value::Flag(true)))], Ok(Value::Flag(true)));
        check("mode == 'run'", &[("mode", Some(Value::Text("run".into())))], Ok(Value::Flag(true)));
    }

    #[test]
    fn failures_say_why() {
        let x = [("x", number(3.0)), ("zero", number(0.0)), ("t", Some(Value::Text("a".into())))];
        check("2 * x", &x, Err("write 2.0"));
        check("x / zero", &x, Err("not a finite number"));
        check("1 / 0", &x, Err("ivision by zero"));
        check("x + t", &x, Err("cannot add double and string"));
        check("x + missing", &x, Err("`missing` has no value"));
        check("[x]", &x, Err("a list"));
        check("null", &x, Err("null"));
    }

    #[test]
    fn a_text_result_is_bounded() {
        let long = Some(Value::Text("a".repeat(Value::MAX_TEXT).into()));
        check("t + t", &[("t", long)], Err("more than 1024 bytes"));
    }

    #[test]
    fn inputs_are_names_without_macro_variables_and_namespaces() {
        #[track_caller]
        fn inputs(source: &str, expected: &[&str]) {
            assert_eq!(Language::default().compile(source).unwrap().inputs(), expected, "{source}");
        }
        inputs("b + a.x + b", &["a.x", "b"]);
        inputs("[1.0].exists(v, v > limit)", &["limit"]);
        inputs("math.abs(x)", &["x"]);
        inputs("x.size() > 2", &["x"]);
        inputs("1.0", &[]);
    }

    #[test]
    fn what_does_not_compile_says_so() {
        #[track_caller]
        fn error(source: &str) -> CompileError {
            Language::default().compile(source).unwrap_err()
        }
        assert!(matches!(error("x +"), CompileError::Syntax { line: 1, .. }));
        assert!(matches!(error(""), CompileError::Syntax { .. }));
        assert_eq!(error(&"x".repeat(MAX_SOURCE + 1)), CompileError::TooLong);
        assert!(matches!(error("Foo{a: 1}"), CompileError::NotAllowed(_)));
        assert!(matches!(error("[[1]].exists(v, v.exists(w, w > 0))"), CompileError::NotAllowed(_)));
        assert!(matches!(error(&"(".repeat(MAX_SOURCE)), CompileError::Syntax { .. }));
    }

    proptest::proptest! {
        #![proptest_config(proptest::prelude::ProptestConfig::with_cases(4000))]

        /// The parser and the interpreter are not ours, and a panic in them would end the core.
        #[test]
        fn no_expression_panics(
            tokens in proptest::collection::vec(
                proptest::sample::select(vec![
                    "x", "p.y", "t", "on", "missing", "1", "2.5", "-", "9223372036854775807", "-9223372036854775808", "0",
                    "0u", "1e308", "'a'", "\"ä\"", "true", "null", "+", "*", "/", "%", "<", "==", "!=", "&&", "||", "!",
                    "?", ":", "(", ")", "[", "]", "{", "}", ",", ".", "in", "int", "uint", "double", "string", "bytes",
                    "bool", "type", "dyn", "size", "has(p.y)", "has(", ".all(v, v > 1)", ".exists(v, ", ".map(v, v)",
                    ".filter(v, true)", "[1, 2.0, 'a']", "{'a': 1}", "['a']", ".contains('a')", ".startsWith(",
                    ".matches('a')", "math.greatest(", "math.least(1, ", "math.abs(x)", "math.", "optional.of(x)",
                    ".value()", "duration('1s')", "timestamp('x')", "@", "\\", "\u{0}", "b'a'", "r'a'", "'''", "//",
                ]),
                0..14,
            ),
            spaces in proptest::prelude::any::<bool>(),
        ) {
            let source = tokens.join(if spaces { " " } else { "" });
            let language = Language::default();
            if let Ok(expression) = language.compile(&source) {
                let value = |name: &String| match name.as_str() {
                    "x" | "p.y" => number(-3.0),
                    "t" => Some(Value::Text("a".into())),
                    "on" => Some(Value::Flag(true)),
                    _ => None,
                };
                let values: Vec<Option<Value>> = expression.inputs().iter().map(value).collect();
                let _ = expression.evaluate(&language, &values);
            }
        }
    }

    #[test]
    fn an_expression_can_move_to_another_thread() {
        fn is_send<T: Send>() {}
        is_send::<Expression>();
        is_send::<Language>();
    }
}
