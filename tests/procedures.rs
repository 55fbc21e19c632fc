//! The procedures that ship with the program, worked through from start to end on their simulated machines: every
//! interlock comes true when the technician does what the step says, and none before.

use std::path::Path;
use std::sync::Arc;

use twinscope_link::simulator::{Feed, Options as Simulation};
use twinscope_twin::command::{Command, ProcedureCommand};
use twinscope_twin::procedure::{RunEnd, RunStatus, StepState};
use twinscope_twin::site::{AssetRow, SourceRow};
use twinscope_twin::state::{LinkEvent, Options, RawMessage, TwinState};
use twinscope_twin::time::Now;

/// A shipped site with its simulator, on a clock that the test moves.
struct Bench {
    state: TwinState,
    feed: Feed,
    now: Now,
}

impl Bench {
    fn new(site: &str) -> Self {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/sites").join(site);
        let loaded = twinscope::check::load(&folder).unwrap();
        assert_eq!(loaded.problems, [], "{site}");
        let now = Now { wall_ms: 1_764_000_000_000, mono_ms: 0 };
        let feed = Feed::new(&loaded.site, &Simulation::default(), now.wall_ms).unwrap();
        let mut state = TwinState::new(Arc::clone(&loaded.site), Options::default());
        state.link(SourceRow(0), LinkEvent::Live, now);
        Self { state, feed, now }
    }

    fn live(&mut self, ms: u64) {
        let end = self.now.mono_ms + ms;
        while self.now.mono_ms < end {
            self.now = self.now.plus_ms(250);
            let samples = self.feed.advance_to(self.now.wall_ms);
            let messages = samples.iter().map(|sample| RawMessage {
                topic: sample.topic.as_bytes(),
                payload: &sample.payload,
                received: self.now,
                retained: false,
            });
            self.state.messages(SourceRow(0), messages, self.now);
            self.state.tick(self.now);
        }
    }

    /// Orders something, as the window would; what goes to the simulator reaches it.
    fn order(&mut self, command: Command) {
        let changes = self.state.command(command.clone(), self.now);
        let refused = self.state.log().last().and_then(|entry| entry.refused.clone());
        assert_eq!(refused, None, "{command:?}");
        for outgoing in changes.outgoing.iter().filter(|outgoing| outgoing.topic.contains("/command/")) {
            self.feed.command(outgoing.topic.as_bytes(), &outgoing.payload).unwrap();
        }
    }

    fn run(&self) -> Arc<RunStatus> {
        self.state.snapshot(self.now).run.unwrap()
    }
}

/// Works through a procedure; the steps that were waited for, and how many virtual seconds it took.
fn work_through(site: &str, id: &str) -> (Bench, Vec<usize>) {
    let mut bench = Bench::new(site);
    bench.live(15_000);
    let by = || "N. N.".to_owned();
    let start = ProcedureCommand::Start { asset: AssetRow(0), procedure: id.to_owned(), by: by() };
    bench.order(Command::Procedure(start));
    let (mut simulated, mut waited) = (None, Vec::new());
    for _ in 0..40 * 60 {
        let run = bench.run();
        if run.end.is_some() {
            return (bench, waited);
        }
        let (step, status) = (&run.procedure.steps[run.at], &run.steps[run.at]);
        if !matches!(status.state, StepState::Offered(_)) {
            if waited.last() != Some(&run.at) {
                waited.push(run.at);
            }
        } else if let Some((switch, on)) = step.simulate.clone().filter(|_| simulated != Some(run.at)) {
            // It is not done before somebody does it.
            assert!(!status.done.as_ref().unwrap().holds, "step {}", run.at + 1);
            bench.order(Command::Operate { asset: AssetRow(0), switch, on });
            simulated = Some(run.at);
        } else if (step.done.is_none() || step.confirm) && status.done.as_ref().is_none_or(|done| done.holds) {
            bench.order(Command::Procedure(ProcedureCommand::Confirm { step: run.at, by: by(), note: String::new() }));
        }
        bench.live(1_000);
    }
    let run = bench.run();
    panic!("{site}: step {} never ends: {:?}", run.at + 1, run.steps[run.at]);
}

#[test]
fn the_oil_filter_of_the_demos_turbine_is_changed() {
    let (bench, waited) = work_through("demo", "oil-filter");
    let run = bench.run();
    assert!(matches!(run.end, Some(RunEnd::Finished(_))));
    assert!((10..=18).contains(&run.steps.len()));
    assert!(run.steps.iter().all(|step| matches!(step.state, StepState::Met(_) | StepState::Confirmed(..))));
    // The housing is drained when the pressure is gone, and not before.
    assert!(!waited.is_empty());
    let power = bench.state.snapshot(bench.now);
    let row =
        power.site.signals.iter().position(|s| s.id == "power" && power.site.parts[s.part.index()].id == "converter");
    let value = power.signals[row.unwrap()].value.as_ref().and_then(|value| value.as_number()).unwrap();
    assert!(value > 0.0, "it produces again: {value} kW");
}

#[test]
fn the_high_voltage_system_of_the_demos_car_is_isolated() {
    let (bench, _) = work_through("ev", "hv-isolation");
    let run = bench.run();
    assert!(matches!(run.end, Some(RunEnd::Finished(_))));
    let snapshot = bench.state.snapshot(bench.now);
    let row = snapshot.site.signals.iter().position(|signal| signal.id == "link").unwrap();
    let volts = snapshot.signals[row].value.as_ref().and_then(|value| value.as_number()).unwrap();
    assert!(volts < 60.0, "{volts} V");
}

#[test]
fn a_gust_that_turns_the_rotor_withdraws_the_step() {
    let mut bench = Bench::new("demo");
    bench.live(15_000);
    let by = || "N. N.".to_owned();
    let start = ProcedureCommand::Start { asset: AssetRow(0), procedure: "oil-filter".to_owned(), by: by() };
    bench.order(Command::Procedure(start));
    bench.live(11_000);
    bench.order(Command::Procedure(ProcedureCommand::Confirm { step: 0, by: by(), note: String::new() }));
    let turn = |bench: &mut Bench, switch: &str, on| {
        bench.order(Command::Operate { asset: AssetRow(0), switch: switch.to_owned(), on });
    };
    turn(&mut bench, "service-stop", true);
    bench.live(150_000);
    assert_eq!(bench.run().at, 2, "it stands");
    turn(&mut bench, "brake", true);
    bench.live(60_000);
    assert_eq!(bench.run().at, 3);
    assert!(matches!(bench.run().steps[3].state, StepState::Offered(_)), "{:?}", bench.run().steps[3]);
    // Somebody opens the brake while the pins are not in.
    turn(&mut bench, "brake", false);
    bench.live(1_000);
    let run = bench.run();
    assert!(matches!(run.steps[3].state, StepState::Withdrawn(_)), "{:?}", run.steps[3]);
    let confirm = ProcedureCommand::Confirm { step: 3, by: by(), note: String::new() };
    bench.state.command(Command::Procedure(confirm), bench.now);
    let refused = bench.state.log().last().and_then(|entry| entry.refused.clone()).unwrap();
    assert!(refused.starts_with("step 4 is not offered"), "{refused}");
}
