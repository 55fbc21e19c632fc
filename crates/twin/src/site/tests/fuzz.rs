//! Whatever a file holds: no panic, places inside the file, and a site whose rows point into its tables.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::super::*;
use super::{WIND_TURBINE, model};
use crate::expression::{Language, MAX_SOURCE};
use crate::value::Value;

const SITE: &str = include_str!("../../../../../assets/sites/plant-example/site.toml");
const TYPE: &str = include_str!("../../../../../assets/types/wind-turbine-scada.toml");

/// What holds for any text.
fn check(site_text: &str, type_text: &str) {
    let (site, mut problems) = parse_site(site_text, "site.toml");
    let (kind, more) = parse_type(type_text, "t.toml");
    let mut models = BTreeMap::new();
    models.insert(kind.model_path_from_site(), model(WIND_TURBINE));
    let types = site.type_ids().into_iter().map(|id| (id, kind.clone())).collect();
    let (resolved, last) = resolve(&site, &types, &models);
    for (problem, text) in problems.iter().map(|p| (p, site_text)).chain(more.iter().map(|p| (p, type_text))) {
        if let Some(span) = &problem.span {
            assert!(text.get(span.clone()).is_some() || text.len() > 4 << 20, "{problem:?}");
        }
    }
    problems.extend(more);
    problems.extend(last);
    assert!(problems.iter().all(|problem| !problem.message.is_empty()));
    for part in &resolved.parts {
        assert!(resolved.signals.get(part.signals.start as usize..part.signals.end as usize).is_some());
        assert!(resolved.alarms.get(part.alarms.start as usize..part.alarms.end as usize).is_some());
        assert!(part.parent.is_none_or(|row| row.index() < resolved.parts.len()));
        assert!(part.motions.iter().all(|motion| motion.signal.index() < resolved.signals.len()));
        assert!(part.asset.index() < resolved.assets.len());
    }
    for alarm in &resolved.alarms {
        assert!(alarm.condition.signal().is_none_or(|row| row.index() < resolved.signals.len()));
    }
    for asset in &resolved.assets {
        assert!(resolved.parts.get(asset.parts.start as usize..asset.parts.end as usize).is_some());
    }
}

/// A good file with pieces cut, doubled, moved or overwritten.
fn mutated(text: &'static str) -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        "[ -~]{0,12}",
        Just("[[part]]\n".to_owned()),
        Just("\"\"\"".to_owned()),
        Just("{n}".to_owned()),
        Just("\u{feff}".to_owned()),
        Just("é".to_owned()),
        Just("\r\n".to_owned()),
        Just("= [[[[".to_owned()),
        Just("-9223372036854775808".to_owned()),
        Just("1e999".to_owned()),
    ];
    proptest::collection::vec((any::<prop::sample::Index>(), 0_usize..40, piece), 1..6).prop_map(move |edits| {
        let mut lines: Vec<char> = text.chars().collect();
        for (at, cut, piece) in edits {
            let at = at.index(lines.len() + 1);
            let end = (at + cut).min(lines.len());
            lines.splice(at..end, piece.chars());
        }
        lines.into_iter().collect()
    })
}

/// A good file with two of its values swapped: types and references break, the syntax does not.
fn swapped(text: &'static str) -> impl Strategy<Value = String> {
    (any::<prop::sample::Index>(), any::<prop::sample::Index>()).prop_map(move |(a, b)| {
        let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
        let with: Vec<usize> = (0..lines.len()).filter(|at| lines[*at].contains(" = ")).collect();
        let (a, b) = (with[a.index(with.len())], with[b.index(with.len())]);
        let split = |line: &str| line.split_once(" = ").map(|(key, value)| (key.to_owned(), value.to_owned())).unwrap();
        let ((key_a, value_a), (key_b, value_b)) = (split(&lines[a]), split(&lines[b]));
        lines[a] = format!("{key_a} = {value_b}");
        lines[b] = format!("{key_b} = {value_a}");
        lines.join("\n")
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text(site in any::<String>(), kind in any::<String>()) {
        check(&site, &kind);
    }

    #[test]
    fn any_bytes(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let text = String::from_utf8_lossy(&bytes);
        check(&text, &text);
    }

    #[test]
    fn damaged_files(site in mutated(SITE), kind in mutated(TYPE)) {
        check(&site, &kind);
        check(&site, TYPE);
        check(SITE, &kind);
    }

    #[test]
    fn files_with_swapped_values(site in swapped(SITE), kind in swapped(TYPE)) {
        check(&site, TYPE);
        check(SITE, &kind);
    }

    #[test]
    fn any_expression(text in "[-a-z0-9_.+*/?:()\\[\\]{}<>=!&|' ]{0,60}") {
        let toml = format!("schema = 1\nid = \"t\"\nmodel = \"m.glb\"\n[[part]]\nid = \"p\"\nnode = \"P\"\nhealth = {text:?}\n");
        check(SITE, &toml);
    }
}

/// The longest and deepest expressions that are let through to CEL fit the stack of a thread, when they are read and
/// when they are evaluated.
#[test]
fn expressions_at_their_bounds_do_not_overflow_the_stack() {
    // What a thread has that asks for nothing else; the threads of tests may be given more.
    let thread = std::thread::Builder::new().stack_size(2 << 20).spawn(|| {
        let chains = [
            "x+",
            "x-",
            "x*",
            "x||",
            "x&&",
            "x<",
            "!",
            "-",
            "x.",
            "x?x:",
            "x[",
            "(",
            "{1:",
            "[",
            "f(",
            "x,",
            "has(",
            "x.map(y,",
            "x in ",
            "math.abs(",
            "x==",
        ];
        let mut results = 0;
        for chain in chains {
            for closing in ["", "x", ")", "]", "}"] {
                let mut text = chain.repeat(MAX_SOURCE / chain.len() - 1);
                text.push_str(closing);
                results += read_and_evaluate(&text);
                results += read_and_evaluate(&format!("{}x{}", chain.repeat(30), closing.repeat(30)));
            }
        }
        results
    });
    assert!(thread.unwrap().join().unwrap() > 10, "most of the chains are expressions");
}

/// As the site file does and then the core, whatever the site file said. Returns the number of results.
fn read_and_evaluate(text: &str) -> usize {
    check(
        SITE,
        &format!("schema = 1\nid = \"t\"\nmodel = \"m.glb\"\n[[part]]\nid = \"p\"\nnode = \"P\"\nhealth = '{text}'\n"),
    );
    let language = Language::default();
    let Ok(expression) = language.compile(text) else { return 0 };
    let values = [Value::Number(1.0), Value::Flag(false), Value::Flag(true)];
    let results = values.map(|value| expression.evaluate(&language, &vec![Some(value); expression.inputs().len()]));
    results.iter().filter(|result| result.is_ok()).count()
}
