//! Mistakes and what is said about them: `line: message`.

use super::super::*;
use super::lines;

const SITE: &str = "\
schema = 1
[site]
id = \"s\"
[[source]]
id = \"plant\"
url = \"mqtt://broker\"
[[asset]]
id = \"a\"
type = \"t\"
";

const TYPE: &str = "\
schema = 1
id = \"t\"
model = \"m.glb\"
[[part]]
id = \"p\"
node = \"P\"
";

#[track_caller]
fn site(text: &str, expected: &[&str]) {
    let (_, problems) = parse_site(text, "site.toml");
    assert_eq!(lines(&problems), expected, "{text}");
}

/// A good type file with `more` after it (from line 7).
#[track_caller]
fn part(more: &str, expected: &[&str]) {
    let (_, problems) = parse_type(&format!("{TYPE}{more}"), "t.toml");
    assert_eq!(lines(&problems), expected, "{more}");
}

/// A signal with `more` in it (from line 10).
#[track_caller]
fn signal(more: &str, expected: &[&str]) {
    part(&format!("[[part.signal]]\nid = \"x\"\ntopic = \"x\"\n{more}"), expected);
}

/// An alarm with `more` in it (from line 14) on a signal `x` with the range -40 to 120.
#[track_caller]
fn alarm(more: &str, expected: &[&str]) {
    let x = "[[part.signal]]\nid = \"x\"\ntopic = \"x\"\nrange = [-40, 120]\n";
    part(&format!("{x}[[part.alarm]]\nid = \"al\"\npriority = \"high\"\n{more}"), expected);
}

/// A derived signal of `y` over `x` (line 12) in a part with the signal `x`.
#[track_caller]
fn expression(text: &str, expected: &[&str]) {
    let x = "[[part.signal]]\nid = \"x\"\ntopic = \"x\"\n";
    part(&format!("{x}[[part.signal]]\nid = \"y\"\nexpr = {text:?}\n"), expected);
}

#[test]
fn a_crack_needs_a_direction_and_faces_that_lie_along_it() {
    let crack = |direction: &str, normal: &str, expected: &[&str]| {
        let keys =
            format!("from = [0, 0, 0]\ndirection = {direction}\nnormal = {normal}\nprediction = \"crack_length\"\n");
        part(&format!("[part.crack]\n{keys}"), expected);
    };
    crack("[-1, 0, 0]", "[0, 2, 0]", &[]);
    crack("[0, 0, 0]", "[0, 1, 0]", &["9: `direction` is 0 in length"]);
    crack("[-1, 0, 0]", "[2, 0, 0]", &["10: `normal` runs along `direction`: the crack would have no faces"]);
    crack("[-1, 0, 0]", "[0, 0, 0]", &["10: `normal` runs along `direction`: the crack would have no faces"]);
}

#[test]
fn good_files_have_no_problems() {
    site(SITE, &[]);
    part("", &[]);
    signal("", &[]);
    alarm("signal = \"x\"\nhigh = 75.0", &[]);
    expression("x * 2.0", &[]);
}

#[test]
fn ten_mistakes_are_ten_problems() {
    let text = r#"schema = 1
[site]
id = "north ridge"
currancy = "EUR"
[[source]]
id = "plant"
url = "http://broker.example:8883"
qos = 2
keep_alive = "1s"
password = "hunter2"
[[source]]
id = "plant"
url = "sim:"
[[asset]]
id = "wt-01"
type = "wind-turbine"
source = "plnt"
position = [0.0, 0.0]
[[asset]]
id = "wt-02"
source = "plant"
"#;
    let expected = [
        "3: `id`: ` ` is not allowed in an id",
        "4: unknown key `currancy` in [site]; did you mean `currency`?",
        "7: `url`: `http` is not a scheme of a source",
        "8: `qos` is 2; it must be from 0 to 1",
        "9: `keep_alive` is 1s; it must be from 5s to 1h",
        "10: a password does not belong into this file",
        "12: source \"plant\" is already defined in line 6",
        "17: there is no source \"plnt\"; did you mean \"plant\"?",
        "18: `position` must be 3 numbers",
        "19: an asset needs `type`",
    ];
    site(text, &expected);
}

#[test]
fn a_simulator_is_one_of_those_there_are() {
    let kind = |name: &str| parse_type(&TYPE.replace("model", &format!("simulator = {name:?}\nmodel")), "t.toml");
    let (file, problems) = kind("wind-turbine");
    assert_eq!((file.simulator, problems), (Some(SimulatorKind::WindTurbine), Vec::new()));
    let (_, problems) = kind("wind_turbin");
    let [problem] = problems.as_slice() else { panic!("{problems:?}") };
    assert_eq!(problem.line, 3);
    assert!(
        problem.message.starts_with("`simulator` is \"wind_turbin\"; it must be one of wind-turbine"),
        "{problem:?}"
    );
    assert!(problem.message.ends_with("did you mean \"wind-turbine\"?"), "{problem:?}");
}

#[test]
fn a_simulated_asset_needs_a_machine() {
    let problems = |url: &str, kind: &str| {
        let (site, _) = parse_site(&SITE.replace("mqtt://broker", url), "site.toml");
        let types = [("t".to_owned(), parse_type(kind, "t.toml").0)].into();
        resolve(&site, &types, &Default::default()).1
    };
    let with = TYPE.replace("model", "simulator = \"wind-turbine\"\nmodel");
    assert_eq!(problems("sim:", &with), []);
    assert_eq!(problems("mqtt://broker", TYPE), []);
    let found = problems("sim:", TYPE);
    assert_eq!(lines(&found), ["9: nothing simulates asset \"a\": its type \"t\" names no simulator"]);
    assert!(
        found[0].hint.as_ref().is_some_and(|hint| hint.starts_with("add simulator = \"wind-turbine\"")),
        "{found:?}"
    );
}

#[test]
fn a_syntax_error_is_one_problem_at_its_place() {
    let (_, problems) = parse_site("schema = 1\n[site]\nid = s\n", "site.toml");
    assert_eq!(problems.len(), 1);
    assert_eq!((problems[0].line, problems[0].column), (3, 6));
    assert!(problems[0].message.starts_with("not valid TOML: "), "{}", problems[0].message);
    let (_, problems) = parse_site("[site]\nid = \"a\"\nid = \"b\"\n", "site.toml");
    assert_eq!(lines(&problems), ["3: not valid TOML: duplicate key"]);
}

#[test]
fn byte_order_mark_and_windows_lines_are_read() {
    let text = format!("\u{feff}{}", SITE.replace('\n', "\r\n"));
    site(&text, &[]);
    let (_, problems) = parse_site("\u{feff}shema = 1\r\n[site]\r\nid = \"s\"\r\nnme = 1\r\n", "site.toml");
    let at: Vec<_> = problems.iter().map(|problem| (problem.line, problem.column, problem.span.clone())).collect();
    assert_eq!(at[0], (1, 1, Some(3..8)));
    assert!(at.contains(&(4, 1, Some(32..35))), "{at:?}");
}

#[test]
fn columns_count_characters() {
    let (_, problems) = parse_type(&format!("{TYPE}name = \"é\"\nhealth = \"'é' == x\"\n"), "t.toml");
    assert_eq!(lines(&problems), ["8: part \"p\" has no signal \"x\""]);
    assert_eq!(problems[0].column, 18);
}

#[test]
fn an_empty_file_says_what_it_needs() {
    site("", &["1: a site file needs `schema`", "1: a site file needs `site`"]);
}

#[test]
fn too_large_a_file_is_not_read() {
    let (_, problems) = parse_site(&"#".repeat((4 << 20) + 1), "site.toml");
    assert_eq!(lines(&problems), ["1: the file has 4194305 bytes; at most 4194304 are read"]);
}

#[test]
fn a_file_of_another_kind_is_not_a_flood() {
    let text: String = (0..5_000).map(|n| format!("key_{n} = 1\n")).collect();
    let (_, problems) = parse_site(&text, "site.toml");
    assert_eq!(problems.len(), MAX_PROBLEMS + 1);
    assert_eq!(problems.last().unwrap().message, "and 4002 more problems");
}

#[test]
fn other_versions_of_the_format() {
    let with = |version: &str| SITE.replace("schema = 1", &format!("schema = {version}"));
    site(&with("2"), &["1: schema 2 is newer than this program, which reads schema 1"]);
    site(&with("0"), &["1: there is no schema 0"]);
    site(&with("\"1\""), &["1: `schema` must be a whole number, not a text"]);
}

#[test]
fn wrong_types_say_what_is_expected() {
    site(&SITE.replace("id = \"s\"", "id = 5"), &["3: `id` must be a text in quotes, not an integer"]);
    site(&SITE.replace("[site]", "[[site]]"), &["2: `site` must be a table, not an array of tables"]);
    site(&SITE.replace("[[asset]]", "[asset]"), &["7: `asset` must be a list of tables, not a table"]);
    signal("stale_after = 10", &["10: `stale_after` must be a duration in quotes, such as \"15s\", not an integer"]);
    signal("range = 5", &["10: `range` must be two numbers [lowest, highest], not an integer"]);
    signal("scale = \"2\"", &["10: `scale` must be a number, not a text"]);
    signal("scale = nan", &["10: `scale` must be a number, not a number"]);
    signal("time = \"/t\"", &["10: `time` must be a table, not a text"]);
}

#[test]
fn a_source_with_tls() {
    let with = |url: &str, more: &str| SITE.replace("url = \"mqtt://broker\"", &format!("url = \"{url}\"\n{more}"));
    site(&with("mqtts://b", "ca_file = \"ca.pem\"\nclient_cert = \"c.pem\"\nclient_key = \"k.pem\""), &[]);
    site(&with("mqtt://b", "ca_file = \"ca.pem\""), &["7: `ca_file` has no effect on mqtt://b"]);
    site(&with("mqtt://b", "alpn = [\"mqtt\"]"), &["7: `alpn` has no effect on mqtt://b"]);
    site(&with("wss://b/mqtt", ""), &["6: `url`: wss:// (MQTT over WebSocket) is not built in yet"]);
    site(&with("mqtts://b", "client_cert = \"c.pem\""), &["7: `client_cert` needs `client_key` too"]);
    site(&with("mqtts://b", "client_key = \"k.pem\""), &["7: `client_key` needs `client_cert` too"]);
    site(&with("mqtts://b", "ca_file = \"/etc/ca.pem\""), &["7: `ca_file`: `/etc/ca.pem` is not a relative path"]);
}

#[test]
fn passwords_stay_outside() {
    let with = |url: &str, more: &str| SITE.replace("url = \"mqtt://broker\"", &format!("url = \"{url}\"\n{more}"));
    let user = "username = \"v\"\n";
    site(&with("mqtts://b", &format!("{user}password_file = \"secrets/mqtt\"")), &[]);
    site(&with("mqtt://127.0.0.1", &format!("{user}password_env = \"PW\"")), &[]);
    site(&with("mqtts://b", "protocol = \"5\"\npassword_env = \"PW\""), &[]);
    site(&with("mqtts://b", "password_env = \"PW\""), &["7: there is a password and no `username`"]);
    site(
        &with("mqtts://b", &format!("{user}password_env = \"PW\"\npassword_file = \"f\"")),
        &["8: a source has `password_file` or `password_env`, not both"],
    );
    site(
        &with("mqtts://b", &format!("{user}password_env = \"hunter-2\"")),
        &["8: `password_env`: is not the name of an environment variable"],
    );
    site(&with("sim:", "username = \"v\""), &["7: `username` has no effect on sim:"]);
    for secret in ["password", "pass", "secret", "token"] {
        site(&with("mqtts://b", &format!("{secret} = \"x\"")), &["7: a password does not belong into this file"]);
    }
    let (_, problems) = parse_site(&with("mqtt://b", &format!("{user}password_env = \"PW\"")), "site.toml");
    assert_eq!(lines(&problems), ["6: the password crosses the network unencrypted"]);
    assert_eq!(problems[0].severity, ProblemSeverity::Warning);
}

#[test]
fn no_message_repeats_a_password_from_an_address() {
    let (_, problems) = parse_site(&SITE.replace("mqtt://broker", "mqtt://v:hunter2@broker"), "site.toml");
    assert_eq!(problems.len(), 1);
    let text = format!("{}{:?}", problems[0].message, problems[0].hint);
    assert!(!text.contains("hunter2"), "{text}");
}

#[test]
fn assets_and_their_sources() {
    let none = SITE.replace("[[source]]\nid = \"plant\"\nurl = \"mqtt://broker\"\n", "");
    site(&none, &["4: nothing feeds this asset: the site has no source"]);
    let two = SITE.replace("[[asset]]", "[[source]]\nid = \"other\"\nurl = \"sim:\"\n[[asset]]");
    site(&two, &["10: the site has several sources: which one feeds this asset?"]);
    site(&format!("{two}source = \"other\""), &[]);
    site(&format!("{SITE}[[asset]]\nid = \"a\"\ntype = \"t\""), &["11: asset \"a\" is already defined in line 8"]);
    site(
        &SITE.replace("mqtt://broker", "sim:").replace("[[asset]]", "simulated = false\n[[asset]]"),
        &["7: a sim: source is always simulated"],
    );
    let no_asset = SITE.split("[[asset]]").next().unwrap();
    site(no_asset, &["3: the site has no asset: nothing will be shown"]);
}

#[test]
fn only_what_is_simulated_ages_faster_than_the_clock() {
    let with = |url: &str, lapse: &str| format!("{}time_lapse = {lapse}", SITE.replace("mqtt://broker", url));
    site(&with("sim:", "14400"), &[]);
    site(&with("mqtt://broker", "2.5").replace("[[asset]]", "simulated = true\n[[asset]]"), &[]);
    site(&with("mqtt://broker", "1"), &[]);
    site(&with("mqtt://broker", "2"), &["10: asset \"a\" is not simulated: it ages as fast as the clock"]);
    site(&with("file:day.mcap", "2"), &["10: asset \"a\" is not simulated: it ages as fast as the clock"]);
    site(&with("sim:", "0.5"), &["10: `time_lapse` is 0.5; it must be from 1 to 1000000"]);
    site(&with("sim:", "2e6"), &["10: `time_lapse` is 2000000; it must be from 1 to 1000000"]);
    let (_, problems) = parse_site(&with("mqtt://broker", "2"), "site.toml");
    let hint = problems[0].hint.as_deref().unwrap();
    assert_eq!(hint, "leave `time_lapse` out, or say `simulated = true` in source \"plant\"");
}

#[test]
fn economics_are_numbers_within_bounds() {
    let with = |more: &str| format!("{SITE}[economics]\n{more}");
    site(&with("energy_price = 90\nbearing_parts = 2_500.0"), &[]);
    site(&with("energy_prize = 90"), &["11: unknown key `energy_prize` in [economics]; did you mean `energy_price`?"]);
    site(&with("energy_price = -1"), &["11: `energy_price` is -1; it must be from 0 to 2000"]);
    site(&with("energy_price = \"90\""), &["11: `energy_price` must be a number, not a text"]);
    site(&with("energy_price = nan"), &["11: `energy_price` must be a number, not a number"]);
}

#[test]
fn windows_are_spans_of_days() {
    let with = |more: &str| format!("{SITE}[operations]\n{more}");
    site(&with("crews = 2\nwindows = [\"2026-12-03/2026-12-05\", \"2026-12-17\"]"), &[]);
    site(&with("windows = [\"2026-12-05/2026-12-03\"]"), &["11: `windows`: 2026-12-03 is before 2026-12-05"]);
    site(&with("windows = [\"tomorrow\"]"), &["11: `windows`: `tomorrow` is not a day"]);
    site(&with("crews = 0"), &["11: `crews` is 0; it must be from 1 to 50"]);
    site(&with("crew = 2"), &["11: unknown key `crew` in [operations]; did you mean `crews`?"]);
}

#[test]
fn vars_go_into_topics() {
    let with = |vars: &str| format!("{SITE}vars = {{ {vars} }}");
    site(&with("tag = \"WT01\", line = \"a/b\""), &[]);
    site(&with("site = \"x\""), &["10: `site` has a meaning of its own in topics"]);
    site(&with("tag = \"a/#\""), &["10: `tag` goes into topics: no +, #, braces or control characters"]);
    site(&with("tag = 5"), &["10: `tag` must be a text in quotes, not an integer"]);
    site(&with("\"a b\" = \"x\""), &["10: ` ` is not allowed in an id"]);
}

#[test]
fn limits_of_a_source() {
    let with = |limits: &str| SITE.replace("[[asset]]", &format!("limits = {{ {limits} }}\n[[asset]]"));
    site(&with("packet = \"64KiB\", topics = 5, json_depth = 8"), &[]);
    site(&with("packet = 65536"), &[]);
    site(&with("packet = \"1KB\""), &["7: `packet`: `1KB` is not a size"]);
    site(&with("packet = \"1GiB\""), &["7: `packet` is 1GiB; it must be from 1KiB to 256MiB"]);
    site(&with("packet = -1"), &["7: `packet`: is negative"]);
    site(&with("json_depth = 1000"), &["7: `json_depth` is 1000; it must be from 1 to 127"]);
}

#[test]
fn parts_and_their_ids() {
    part("[[part]]\nid = \"p\"\nnode = \"Q\"", &["8: part \"p\" is already defined in line 5"]);
    part("[[part]]\nid = \"a-b\"\nnode = \"Q\"", &["8: `id`: `-` is not allowed in `a-b`"]);
    part("[[part]]\nid = \"1a\"\nnode = \"Q\"", &["8: `id`: `1a` starts with a digit"]);
    part("[[part]]\nid = \"in\"\nnode = \"Q\"", &["8: `id`: `in` is a word of the expression language"]);
    part("[[part]]\nid = \"b\"", &["7: a part needs `node`"]);
    part("[[part]]\nid = \"b\"\nnod = \"B\"", &["9: unknown key `nod` in a part; did you mean `node`?"]);
    part("parent = \"p\"", &["7: part \"p\" is its own parent"]);
    part("parent = \"pp\"\n[[part]]\nid = \"qq\"\nnode = \"Q\"", &["7: there is no part \"pp\"; did you mean \"p\"?"]);
}

#[test]
fn repeats() {
    part("[[part]]\nid = \"b_{n}\"\nnode = \"B{n}\"\ncount = 3", &[]);
    part("[[part]]\nid = \"b\"\nnode = \"B{n}\"\ncount = 3", &["8: the part repeats: its id needs {n}"]);
    part("[[part]]\nid = \"b_{n}\"\nnode = \"B\"", &["8: {n} counts repeats, and the part has no `count`"]);
    part(
        "[[part]]\nid = \"b_{n}\"\nnode = \"B{n}\"\ncount = 0",
        &[
            "8: {n} counts repeats, and the part has no `count`",
            "9: {n} counts repeats, and the part has no `count`",
            "10: `count` is 0; it must be from 1 to 10000",
        ],
    );
    // A repeat that collides, and a reference that fails for each repeat, are reported once.
    part(
        "[[part]]\nid = \"b_1\"\nnode = \"X\"\n[[part]]\nid = \"b_{n}\"\nnode = \"B{n}\"\ncount = 3",
        &["11: part \"b_1\" is already defined in line 8"],
    );
    part(
        "[[part]]\nid = \"b_{n}\"\nnode = \"B{n}\"\ncount = 3\nhealth = \"q_{n}.x\"",
        &["11: there is no part \"q_1\"; did you mean \"b_1\"?"],
    );
}

#[test]
fn too_many_parts_and_too_much_text_stop_early() {
    let one = |n: usize| format!("[[part]]\nid = \"b{n}_{{n}}\"\nnode = \"B\"\ncount = 10000\n");
    let many: String = (0..11).map(one).collect();
    part(&many, &["43: a type has at most 100000 parts, repeats counted"]);
    let prose = "x".repeat(1_900);
    let long: String = (0..20)
        .map(|n| format!("[[part.alarm]]\nid = \"a{n}\"\nwhen = \"true\"\npriority = \"low\"\ncause = \"{prose}\"\n"))
        .collect();
    part(
        &format!("[[part]]\nid = \"b_{{n}}\"\nnode = \"B\"\ncount = 10000\n{long}"),
        &["7: the type is too large: its repeats make too much of it"],
    );
}

#[test]
fn signals_have_one_input() {
    part("[[part.signal]]\nid = \"x\"", &["7: a signal needs `topic` or `expr`"]);
    part("[[part.signal]]\nid = \"x\"\ntopc = \"x\"", &["9: unknown key `topc` in a signal; did you mean `topic`?"]);
    signal("expr = \"1.0\"", &["10: a signal has `topic` or `expr`, not both"]);
    part(
        "[[part.signal]]\nid = \"x\"\nexpr = \"1.0\"\npath = \"/x\"",
        &["10: `path` reads a payload: it has no effect on `expr`"],
    );
    signal("[[part.signal]]\nid = \"x\"\ntopic = \"y\"", &["11: signal \"x\" is already defined in line 8"]);
    part(
        "[[part.signal]]\nid = \"p\"\ntopic = \"x\"",
        &["9: signal \"p\" has the id of a part: expressions could not tell them apart"],
    );
}

#[test]
fn topics_and_pointers() {
    let topic =
        |topic: &str, expected: &[&str]| part(&format!("[[part.signal]]\nid = \"x\"\ntopic = {topic:?}"), expected);
    topic("{site}/{asset}/+/#", &[]);
    topic("a/#/b", &["9: topic: `#` stands alone, and only as the last level"]);
    topic("a+/b", &["9: topic: `+` stands for a whole level"]);
    topic("a/{b", &["9: topic: `{` is not closed"]);
    topic("", &["9: `topic`: is empty"]);
    signal("path = \"temperature\"", &["10: `path`: `temperature` is not a JSON Pointer"]);
    signal("path = \"$.a\"", &["10: `path`: JSONPath is not read here"]);
    signal(
        "time = { path = \"/t\", unit = \"min\" }",
        &["10: `unit` is \"min\"; it must be one of ms, s, us, ns, rfc3339"],
    );
    signal("quality = { path = \"/q\" }", &["10: `quality` needs one of good, uncertain, bad"]);
    signal("quality = { path = \"/q\", good = [\"ok\", 1, true], bad = [1] }", &["10: `1` is already in a list"]);
    signal(
        "quality = { path = \"/q\", good = [1.5] }",
        &["10: `good` must be a list of texts, whole numbers or booleans"],
    );
    signal("scale = 0", &["10: `scale` is 0: every value would be the same"]);
    signal("range = [100, 0]", &["10: `range`: 100 is not below 0"]);
    signal("stale_after = \"0s\"", &["10: `stale_after` is 0ms; it must be from 100ms to 366d"]);
}

#[test]
fn alarms_have_one_condition() {
    alarm("signal = \"x\"\nhigh = 75.0\nlow = 3.0", &["16: an alarm has `high` or `low`, not both"]);
    alarm("signal = \"x\"", &["11: an alarm needs one of high, low, rate, stale, when"]);
    alarm("signal = \"x\"\nhihg = 75.0", &["15: unknown key `hihg` in an alarm; did you mean `high`?"]);
    alarm("high = 75.0", &["11: an alarm needs `signal`, unless it has `when`"]);
    alarm("signal = \"x\"\nwhen = \"x > 5.0\"", &["14: `when` names its signals itself: `signal` has no effect"]);
    alarm("signal = \"x\"\nstale = false", &["15: `stale` is true or absent"]);
    alarm("signal = \"x\"\nrate = 0.0", &["15: `rate` must be above 0"]);
    alarm("signal = \"x\"\nhigh = 75.0\ndeviation = 2", &["16: unknown key `deviation` in an alarm"]);
    alarm("signal = \"x\"\nhigh = 75.0\non_delay = \"8d\"", &["16: `on_delay` is 8d; it must be from 0ms to 7d"]);
    alarm(
        "signal = \"x\"\nhigh = 75.0\ndeadband = -1.0",
        &["16: `deadband` is -1; it must be from 0 to 1000000000000000"],
    );
    alarm(
        "signal = \"x\"\nhigh = 75.0\n[[part.alarm]]\nid = \"al\"\npriority = \"low\"\nwhen = \"true\"",
        &["17: alarm \"al\" is already defined in line 12"],
    );
}

#[test]
fn alarms_look_at_signals_that_are_there() {
    alarm("signal = \"y\"\nhigh = 5.0", &["14: part \"p\" has no signal \"y\""]);
    alarm("signal = \"p.x\"\nhigh = 5.0", &[]);
    alarm("signal = \"q.x\"\nhigh = 5.0", &["14: there is no part \"q\""]);
    alarm(
        "signal = \"x\"\nhigh = 120.0",
        &["15: the limit 120 is not inside the range -40 to 120 of \"x\": it could never be passed"],
    );
    alarm(
        "signal = \"x\"\nlow = -41",
        &["15: the limit -41 is not inside the range -40 to 120 of \"x\": it could never be passed"],
    );
    alarm(
        "signal = \"x\"\nhigh = 60.0\ndeadband = 100.0",
        &["15: with its deadband the alarm ends at -40, outside the range -40 to 120 of \"x\""],
    );
    alarm(
        "signal = \"x\"\nlow = 60.0\ndeadband = 70.0",
        &["15: with its deadband the alarm ends at 130, outside the range -40 to 120 of \"x\""],
    );
    alarm("when = \"x > 5.0\"\ndeadband = 2.0", &["15: `deadband` has no effect here"]);
    alarm("when = \"x > 5.0 && y\"", &["14: part \"p\" has no signal \"y\""]);
}

#[test]
fn motions() {
    let motion = |more: &str, expected: &[&str]| {
        part(&format!("[[part.signal]]\nid = \"x\"\ntopic = \"x\"\nunit = \"deg\"\n[[part.motion]]\n{more}"), expected);
    };
    motion("kind = \"turn\"\naxis = \"y\"\nsignal = \"x\"\nscale = -1.0\noffset = 270.0", &[]);
    motion("kind = \"turn\"\naxis = \"w\"\nsignal = \"x\"", &["13: `axis` is \"w\"; it must be one of x, y, z"]);
    motion("kind = \"turn\"\naxis = \"y\"\nsignal = \"z\"", &["14: part \"p\" has no signal \"z\""]);
    motion(
        "kind = \"spin\"\naxis = \"x\"\nsignal = \"x\"",
        &["14: `spin` reads its signal in rpm, and this one is in deg"],
    );
    motion("kind = \"spin\"\naxis = \"x\"\nsignal = \"x\"\nscale = 6.0", &[]);
    motion("kind = \"turn\"\naxis = \"y\"\nsignal = \"x\"\nscale = 0", &["15: `scale` is 0: nothing would move"]);
    motion("kind = \"flow\"\nmedium = \"coolant\"\nsignal = \"x\"\nscale = 0.5", &[]);
    motion("kind = \"flow\"\nsignal = \"x\"", &["13: `flow` reads its signal in m/s, and this one is in deg"]);
    motion("kind = \"flow\"\nsignal = \"x\"\nscale = 2.0\naxis = \"y\"", &["15: `axis` has no effect here"]);
    motion("kind = \"turn\"\nsignal = \"x\"\nmedium = \"oil\"", &["14: `medium` has no effect here"]);
}

#[test]
fn expressions_compile_and_name_signals() {
    expression("x + ", &["12: the expression ends too early"]);
    expression("x +* 2.0", &["12: `*` is not expected here"]);
    expression("z * 2.0", &["12: part \"p\" has no signal \"z\""]);
    expression("p.x + p.z", &["12: part \"p\" has no signal \"z\""]);
    expression("q.x", &["12: there is no part \"q\""]);
    expression("p + 1.0", &["12: \"p\" is a part: write p.x for its signal x"]);
    expression("x * 2", &["12: `2` is a whole number, and signals are not"]);
    expression("x > 2", &[]);
    expression("max(x, 2.0)", &["12: there is no function `max`; did you mean `math.greatest`?"]);
    expression("abs(x)", &["12: there is no function `abs`; did you mean `math.abs`?"]);
    expression("math.agreatest(x)", &["12: there is no function `math.agreatest`; did you mean `math.greatest`?"]);
    expression("math.greatest(x, 2.0)", &[]);
    expression("[1.0, 2.0].exists(v, v > x)", &[]);
    expression("[1.0].exists(v, v > w)", &["12: part \"p\" has no signal \"w\""]);
    expression("p.x.z", &["12: a signal is `x` or `part.x`, nothing deeper"]);
    expression(&"(".repeat(40), &["12: the expression nests deeper than 32"]);
    expression(&"x".repeat(1_001), &["12: `expr` has 1001 bytes; at most 1000 are allowed"]);
    part("health = \"1.0 - t / 100.0\"", &["7: part \"p\" has no signal \"t\""]);
}

#[test]
fn two_mistakes_in_one_expression_are_two_problems() {
    expression(
        "z * 2 + q.x",
        &[
            "12: part \"p\" has no signal \"z\"",
            "12: `2` is a whole number, and signals are not",
            "12: there is no part \"q\"",
        ],
    );
}

#[test]
fn a_problem_in_an_expression_points_into_it() {
    #[track_caller]
    fn at(toml: &str, expected: &str) {
        let text = format!("{TYPE}health = {toml}\n");
        let (_, problems) = parse_type(&text, "t.toml");
        assert_eq!(problems.len(), 1, "{problems:?}");
        assert_eq!(&text[problems[0].span.clone().unwrap()], expected);
    }
    at("\"1.0 - wrong / 100.0\"", "wrong");
    at("'1.0 - wrong / 100.0'", "wrong");
    at("\"\"\"\n  1.0 -\n  wrong / 100.0\"\"\"", "wrong");
    at("'x.wrong'", "x.wrong");
    at("'1.0 +* 2.0'", "*");
    // With escapes the place inside is not known: the whole value.
    at("\"1.0 -\\twrong\"", "\"1.0 -\\twrong\"");
}

#[test]
fn derived_signals_do_not_need_themselves() {
    let two = |a: &str, b: &str| {
        format!("[[part.signal]]\nid = \"a\"\nexpr = \"{a}\"\n[[part.signal]]\nid = \"b\"\nexpr = \"{b}\"\n")
    };
    part(&two("b", "1.0"), &[]);
    part(&two("a", "1.0"), &["9: a derived signal needs itself: p.a → p.a"]);
    part(&two("b + 1.0", "p.a"), &["12: a derived signal needs itself: p.a → p.b → p.a"]);
}

#[test]
fn a_long_chain_of_derived_signals_is_followed() {
    let chain: String = (1..900).map(|n| format!("[[part.signal]]\nid = \"s{n}\"\nexpr = \"s{}\"\n", n - 1)).collect();
    part(&format!("[[part.signal]]\nid = \"s0\"\ntopic = \"x\"\n{chain}"), &[]);
}

#[test]
fn estimators_name_parts() {
    part(
        "[[estimator]]\nkind = \"gearbox\"\nparts = { bearing = \"p\", gearbox = \"pp\" }\ninputs = {}",
        &["9: there is no part \"pp\"; did you mean \"p\"?"],
    );
}

#[test]
fn documents_are_files_beside_the_type() {
    part("[[part.document]]\ntitle = \"Oil change\"\nfile = \"../docs/oil.md\"", &[]);
    part(
        "[[part.document]]\ntitle = \"Oil change\"\nfile = \"file:///etc/passwd\"",
        &["9: `file`: `file:///etc/passwd` is an address, not a file"],
    );
}

#[test]
fn problems_serialise() {
    let (_, problems) = parse_site(&SITE.replace("\"s\"", "\"s s\""), "site.toml");
    let json = serde_json::to_value(&problems[0]).unwrap();
    let expected = serde_json::json!({
        "severity": "error", "file": "site.toml", "span": { "start": 23, "end": 28 }, "line": 3, "column": 6,
        "message": "`id`: ` ` is not allowed in an id", "hint": "ids have letters, digits, - and _",
    });
    assert_eq!(json, expected);
}

/// A field with `more` in it (from line 9).
#[track_caller]
fn field(more: &str, expected: &[&str]) {
    part(&format!("[[field]]\nid = \"f\"\n{more}"), expected);
}

#[test]
fn fields() {
    field("attribute = \"_T\"\nunit = \"K\"\nrange = [300, 900]\nscale = \"viridis\"\n", &[]);
    let points = "file = \"../f.csv\"\nmax_distance = 0.01\n";
    let columns = "columns = { x = \"x\", z = \"h\", value = \"T\" }\n";
    field(&format!("{points}{columns}parts = [\"p\"]\nlength_unit = \"mm\"\n"), &[]);
    field("", &["7: a field needs `attribute` or `file`"]);
    field("attribute = \"T\"\n", &["9: `T` is not a field"]);
    field("attribute = \"_T\"\nparts = [\"p\"]\n", &["10: `parts` is for a `file`: it has no effect on `attribute`"]);
    field(points, &["9: a file of points needs `columns`"]);
    field(&format!("file = \"f.csv\"\n{columns}"), &["9: a file of points needs `max_distance`, m"]);
    field(
        &format!("{points}columns = {{ x = \"x\", value = \"T\" }}\n"),
        &["11: `columns` needs two of x, y and z at least"],
    );
    field(&format!("{points}{columns}parts = [\"q\"]\n"), &["12: there is no part \"q\""]);
    field(
        "file = \"/etc/passwd\"\n",
        &["9: `file`: `/etc/passwd` is not a relative path", "9: a file of points needs `columns`"],
    );
    let twice = "[[field]]\nid = \"f\"\nattribute = \"_U\"\n";
    field(&format!("attribute = \"_T\"\n{twice}"), &["11: field \"f\" is already defined in line 8"]);
}

#[test]
fn a_field_of_points_says_where_they_are() {
    let more = "[[field]]\nid = \"wall_temperature\"\nfile = \"../f/c3x.csv\"\nmax_distance = 0.002\n\
        columns = { x = \"x\", z = \"h\", value = \"T\" }\nlength_unit = \"mm\"\n";
    let (mut file, problems) = parse_type(&format!("{TYPE}{more}"), "t.toml");
    assert_eq!(lines(&problems), [] as [&str; 0]);
    file.folder_from_site = "../../types".to_owned();
    let field = file.fields().remove(0);
    assert_eq!((field.type_id.as_str(), field.name.as_str()), ("t", "Wall temperature"));
    let want = FieldPoints {
        file: "../../f/c3x.csv".to_owned(),
        axes: [Some("x".to_owned()), None, Some("h".to_owned())],
        value: "T".to_owned(),
        unit_m: 1e-3,
        max_distance_m: 0.002,
        parts: Vec::new(),
    };
    assert_eq!(field.values, FieldValues::Points(want));
}

#[test]
fn starts() {
    let start = |more: &str, expected: &[&str]| {
        site(&format!("{SITE}[[start]]\nid = \"gate\"\nposition = [0, 0, 0]\n{more}"), expected);
    };
    start("asset = \"a\"\npart = \"p\"\nyaw_deg = -90\n", &[]);
    start("asset = \"b\"\n", &["13: there is no asset \"b\""]);
    start("part = \"p\"\n", &["13: of which machine is the part \"p\"?"]);
    start("yaw_deg = 400\n", &["13: `yaw_deg` is 400; it must be from -360 to 360"]);
    start(
        "[[start]]\nid = \"gate\"\n",
        &["13: a start needs `position`", "14: start \"gate\" is already defined in line 11"],
    );
}
