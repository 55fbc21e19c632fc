//! The models on real data: cracks and cells that they have not seen.

#![expect(clippy::unwrap_used, reason = "a test may stop")]

use twinscope_prognosis::evaluate::{NamedTable, Report, gearbox, nasa, virkler};

const CRACKS: &str = include_str!("../../../../assets/evaluation/virkler_cracks.csv");
const CELLS: &str = include_str!("../../../../assets/evaluation/nasa_cells.csv");

fn table(name: &str, text: &str) -> [NamedTable; 1] {
    [NamedTable::parse(name, text.as_bytes()).unwrap()]
}

/// The specimens whose number leaves this remainder by two.
fn specimens(remainder: u32) -> [NamedTable; 1] {
    let kept = |line: &&str| line.split(',').next().unwrap().parse::<u32>().map_or(true, |n| n % 2 == remainder);
    table("cracks.csv", &CRACKS.lines().filter(kept).collect::<Vec<_>>().join("\n"))
}

#[track_caller]
fn all_reached(report: &Report) {
    let asked: Vec<_> = report.figures.iter().filter(|figure| figure.reach.is_some()).collect();
    assert!(!asked.is_empty());
    for figure in asked {
        assert!(figure.reach.unwrap().is_met(figure.value), "{figure:?}\n{report}");
    }
}

#[test]
fn cracks_of_other_specimens_reach_error_and_coverage_from_all_five_lengths() {
    let report = virkler::evaluate(&specimens(0), Some(&specimens(1))).unwrap();
    all_reached(&report);
    assert!(report.figures.iter().any(|figure| figure.name.starts_with("30 mm to the last") && figure.count >= 10));
    // Nobody measured to the end here, and the report must not hide it.
    assert!(report.notes.iter().any(|note| note.contains("17 of 17 specimens were not measured to 49.8 mm")));
}

#[test]
fn each_cell_is_predicted_by_the_other_two_as_well_as_asked_and_always_the_same() {
    let report = nasa::evaluate(&table("cells.csv", CELLS), None).unwrap();
    all_reached(&report);
    // B0005 from 40 to 120, B0006 from 40 to 105.
    assert_eq!(report.figures[0].count, 17 + 14);
    assert_eq!(report, nasa::evaluate(&table("cells.csv", CELLS), None).unwrap());
}

#[test]
fn what_is_wrong_with_a_table_is_said_with_file_line_and_remedy() {
    let check = |found: Result<Report, _>, expected: &str| {
        let error = found.map(|_| ()).map_err(|error: twinscope_prognosis::evaluate::TableError| error.to_string());
        let error = error.unwrap_err();
        assert!(error.contains(expected), "{error}");
    };
    let cells = |text: &str| nasa::evaluate(&table("c.csv", text), None);
    check(cells("cell,cycle\nA,1\n"), "c.csv: no table with the columns cell, cycle, capacity_ah");
    check(cells("cell,cycle,capacity_ah\nA,1,2\nA,3,2\n"), "c.csv, line 3, column `cycle`: `3` is not the cycle after");
    check(cells("cell,cycle,capacity_ah\nA,1,-2\n"), "line 2, column `capacity_ah`");
    check(cells("cell,cycle,capacity_ah\nA,1,2\n"), "--train");
    check(cells("cell,cycle,capacity_ah\nA,1,2\nB,1,2\n"), "no cell to learn from");
    let cracks = |text: &str| virkler::evaluate(&table("v.csv", text), None);
    let head = "specimen,hundreds_of_cycles,crack_length_mm\n";
    check(cracks(&format!("{head}1,20,99\n")), "v.csv, line 2, column `crack_length_mm`: `99` is not a half crack");
    check(cracks(&format!("{head}1,20,nan\n")), "not a finite number");
    check(cracks(&format!("{head}1,20,10\n1,40,11\n")), "fewer than 4 specimens");
    check(cracks(&format!("{head}1,20,9.0\n")), "specimen `1` has fewer than two lengths");
}

#[test]
fn simulated_gearboxes_are_found_told_in_time_and_left_alone_when_sound() {
    // Machines that nothing was chosen on, and few, so that the test is short: the figures of `docs/models.md` are of 50.
    let report = gearbox::simulated(0, 6, 150);
    let figure = |name: &str| report.figures.iter().find(|figure| figure.name.starts_with(name)).unwrap();
    assert!(figure("true parameters").value > 0.75, "{report}");
    assert!(figure("false alarms").value <= 1.0, "{report}");
    assert!(figure("median lead").value >= 30.0, "{report}");
    assert!(figure("oil, largest difference").value <= 2.0, "{report}");
}

#[test]
fn simulated_gearboxes_give_the_same_report_each_time() {
    assert_eq!(gearbox::simulated(3, 2, 40), gearbox::simulated(3, 2, 40));
}
