use super::*;

const MAPPING: &str = r#"
schema = 1
site = "farm"
[time]
column = "time"
[[file]]
path = "a.csv"
asset = "a"
[[file]]
path = "b.csv"
asset = "b"
[[message]]
topic = "{site}/{asset}/wind"
fields = { speed = "ws", temperature = { column = "k", scale = 1.0, offset = -273.0 } }
[[message]]
topic = "{site}/{asset}/power"
time = ""
fields = { power = "p" }
"#;

fn table(mapping: &str, a: &str, b: &str) -> Result<Vec<(WallMs, String, String)>, TableError> {
    let folder = tempfile::tempdir().expect("folder");
    std::fs::write(folder.path().join("map.toml"), mapping).expect("written");
    std::fs::write(folder.path().join("a.csv"), a).expect("written");
    std::fs::write(folder.path().join("b.csv"), b).expect("written");
    let mut table = Table::open(&folder.path().join("map.toml"))?;
    let mut messages = Vec::new();
    while let Some(timed) = table.next_message()? {
        let payload = String::from_utf8(timed.payload(0).to_vec()).expect("text");
        messages.push((timed.t_ms, timed.topic, payload));
    }
    Ok(messages)
}

const EMPTY: &str = "time,ws,k,p\n";

fn row(minute: i64, topic: &str, payload: &str) -> (WallMs, String, String) {
    (minute * 60_000, topic.to_owned(), payload.to_owned())
}

#[test]
fn rows_become_messages_merged_by_time() {
    let a = "time,ws,k,p\n1970-01-01T00:00,5.5,300,1\n1970-01-01T00:20,6,274,2\n";
    let b = "p,time,k,ws\n9,1970-01-01T00:10,273,4\n";
    let expected = vec![
        row(0, "farm/a/wind", r#"{"t":0,"speed":5.5,"temperature":27.0}"#),
        row(0, "farm/a/power", r#"{"power":1.0}"#),
        row(10, "farm/b/wind", r#"{"t":600000,"speed":4.0,"temperature":0.0}"#),
        row(10, "farm/b/power", r#"{"power":9.0}"#),
        row(20, "farm/a/wind", r#"{"t":1200000,"speed":6.0,"temperature":1.0}"#),
        row(20, "farm/a/power", r#"{"power":2.0}"#),
    ];
    assert_eq!(table(MAPPING, a, b).expect("readable"), expected);
}

#[test]
fn what_was_not_measured_is_not_claimed() {
    let a = "time,ws,k,p\n1970-01-01T00:00,,NaN,\n1970-01-01T00:10,,274,\n1970-01-01T00:20\n";
    let expected = vec![row(10, "farm/a/wind", r#"{"t":600000,"temperature":1.0}"#)];
    assert_eq!(table(MAPPING, a, EMPTY).expect("readable"), expected);
}

#[test]
fn cells_keep_their_kind() {
    let a = "time,ws,k,p\n1970-01-01T00:00,true,stopped,\"say \"\"hi\"\"\"\n";
    let expected = vec![
        row(0, "farm/a/wind", r#"{"t":0,"speed":true,"temperature":"stopped"}"#),
        row(0, "farm/a/power", r#"{"power":"say \"hi\""}"#),
    ];
    assert_eq!(table(MAPPING, a, EMPTY).expect("readable"), expected);
}

#[test]
fn rows_outside_of_the_wanted_time_are_left_out() {
    let rows = "[rows]\nfrom = \"1970-01-01T00:10\"\nto = \"1970-01-01T00:20\"\n[[file]]";
    let mapping = MAPPING.replacen("[[file]]", rows, 1);
    let a = "time,ws,k,p\n1970-01-01T00:00,1,,\n1970-01-01T00:10,2,,\n1970-01-01T00:20,3,,\n";
    let messages = table(&mapping, a, EMPTY).expect("readable");
    assert_eq!(messages, [row(10, "farm/a/wind", r#"{"t":600000,"speed":2.0}"#)]);
}

#[test]
fn times_in_seconds_and_milliseconds() {
    for (format, text) in [("s", "60"), ("s", "60.0"), ("ms", "60000")] {
        let mapping = MAPPING.replace("column = \"time\"", &format!("column = \"time\"\nformat = \"{format}\""));
        let messages = table(&mapping, &format!("time,ws,k,p\n{text},1,,\n"), EMPTY).expect("readable");
        assert_eq!(messages, [row(1, "farm/a/wind", r#"{"t":60000,"speed":1.0}"#)], "{format}");
    }
}

#[test]
fn a_shift_moves_the_times_in_payloads() {
    let folder = tempfile::tempdir().expect("folder");
    std::fs::write(folder.path().join("a.csv"), "time,ws,k,p\n1970-01-01T00:01,1,,\n").expect("written");
    std::fs::write(folder.path().join("b.csv"), EMPTY).expect("written");
    let mapping = Mapping::parse(MAPPING).expect("a mapping");
    let mut table = Table::with_mapping(mapping, folder.path()).expect("readable");
    let timed = table.next_message().expect("readable").expect("a message");
    assert_eq!(timed.payload(1_000), r#"{"t":61000,"speed":1.0}"#);
}

#[track_caller]
fn refused(mapping: &str, a: &str, part: &str) {
    let error = table(mapping, a, EMPTY).expect_err(part).to_string();
    assert!(error.contains(part), "{error}");
}

#[test]
fn rows_that_cannot_be_read_are_named_with_their_line() {
    refused(MAPPING, "time,ws,k,p\n1970-01-01T00:00,1,1,1\nyesterday,1,1,1\n", "line 3");
    refused(MAPPING, "time,ws,k\n", "no column \"p\"; there are: time, ws, k");
    refused(MAPPING, "", "no column");
    let long = format!("time,ws,k,p\n1970-01-01T00:00,{},1,1\n", "1".repeat(3 << 20));
    refused(MAPPING, &long, "longer than");
}

#[test]
fn a_quote_that_is_never_closed_does_not_make_one_row_of_the_rest() {
    let rest = "1970-01-01T00:10,1,1,1\n".repeat(100_000);
    refused(MAPPING, &format!("time,ws,k,p\n1970-01-01T00:00,\"1,1,1\n{rest}"), "is a quote not closed?");
    let closed = table(MAPPING, &format!("time,ws,k,p\n1970-01-01T00:00,1,1,1\n{rest}"), EMPTY).expect("readable");
    assert_eq!(closed.len(), 2 * 100_001, "the bound is for a row and not for the file");
}

#[test]
fn a_mapping_is_not_read_in_part() {
    refused(&format!("{MAPPING}# {}", "x".repeat(1 << 20)), EMPTY, "so it is no mapping");
}

#[test]
fn mappings_that_are_wrong_are_refused_with_the_place() {
    let cases = [
        ("schema = 1", "schema = 2", "schema = 1"),
        ("site = \"farm\"", "", "site is missing"),
        ("site = \"farm\"", "site = \"a/b\"", "cannot stand in a topic"),
        ("site = \"farm\"", "site = \"farm\"\ncolour = 1", "unknown key colour"),
        ("column = \"time\"", "column = 1", "time.column"),
        ("column = \"time\"", "", "time.column is missing"),
        ("column = \"time\"", "column = \"time\"\nformat = \"iso\"", "rfc3339, s or ms"),
        ("path = \"a.csv\"", "", "file[1].path is missing"),
        ("path = \"a.csv\"", "path = \"c.csv\"", "c.csv"),
        ("{site}/{asset}/wind", "{site}/{turbine}/wind", "message[1].topic"),
        ("{site}/{asset}/wind", "{site}/#", "message[1].topic"),
        ("speed = \"ws\"", "t = \"ws\"", "name of the time field"),
        ("speed = \"ws\"", "speed = 1", "message[1].fields.speed"),
        ("scale = 1.0", "scale = inf", "finite number"),
        ("scale = 1.0", "factor = 1.0", "unknown key message[1].fields.temperature.factor"),
        ("schema = 1", "schema = ", "TOML parse error at line 2"),
    ];
    for (from, to, part) in cases {
        refused(&MAPPING.replacen(from, to, 1), EMPTY, part);
    }
}
