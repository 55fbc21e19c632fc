//! Who comes first, when, and what would change that.

use super::*;

fn ids(cards: &[Card]) -> Vec<&str> {
    cards.iter().map(|card| card.id).collect()
}

fn of<'a>(cards: &'a [Card], id: &str) -> &'a Card {
    cards.iter().find(|card| card.id == id).unwrap()
}

fn advised(choices: &[Choice], economics: &Economics) -> Vec<Card> {
    advise(choices, economics, &calendar(economics.kind(), &every_day()), YEAR_H)
}

#[test]
fn a_bearing_that_fails_soon_is_replaced_and_one_that_does_not_is_left() {
    let soon = advised(&gearbox(&weibull(3.0, 1_500.0, 1_000), &[]), &economics(Kind::Gearbox, &[]));
    assert_eq!((ids(&soon).len(), soon[0].id), (6, "replace"));
    assert!(soon[0].saves > 0.0 && of(&soon, "wait").saves == 0.0);
    assert!(soon[0].failure_before < 0.1 && of(&soon, "wait").failure_before > 0.99);
    assert!(soon.is_sorted_by(|a, b| a.cost.mean <= b.cost.mean));
    let never = advised(&gearbox(&[f64::INFINITY; 1_000], &[]), &economics(Kind::Gearbox, &[]));
    assert_eq!((never[0].id, never[0].cost.mean, never[0].failure_before), ("wait", 0.0, 0.0));
}

#[test]
fn work_that_doubles_a_life_beats_a_replacement_that_costs_more() {
    let lives = weibull(4.0, 7_000.0, 1_000);
    let choices = gearbox(&lives, &[("oil_change", 2.0)]);
    let cards = advised(&choices, &economics(Kind::Gearbox, &[("bearing_parts", 200_000.0)]));
    assert_eq!(cards[0].id, "oil_change");
    assert!(cards[0].why.contains("Lives longer in 100 %"), "{}", cards[0].why);
    assert_eq!(cards[0].setting.0, BTreeMap::from([("oil_change".to_owned(), 1.0)]));
    // Of actions that do nothing for it, none is better than waiting.
    assert!(of(&cards, "realign").saves < 0.0 && of(&cards, "clean_cooler").saves < 0.0);
}

#[test]
fn a_replacement_says_its_date_as_a_lever() {
    let cards = advised(&gearbox(&weibull(3.0, 3_000.0, 1_000), &[]), &economics(Kind::Gearbox, &[]));
    let replace = of(&cards, "replace");
    let days = replace.due_in_h.unwrap() / 24.0;
    assert!(days > 2.0);
    assert_eq!(replace.setting.0, BTreeMap::from([("replace_in".to_owned(), days)]));
    let derate = of(&cards, "derate");
    assert_eq!(derate.setting.0["derate"], 80.0);
}

#[test]
fn a_dearer_failure_brings_the_date_forward() {
    let choices = machine(&weibull(3.0, 3_000.0, 1_000));
    let due = |cost: f64| {
        let cards = advised(&choices, &economics(Kind::Machine, &[("machine_failure_cost", cost)]));
        of(&cards, "service").due_in_h.unwrap()
    };
    assert!(due(1e5) < due(2e4) && due(2e4) < due(2e3));
}

#[test]
fn at_the_break_even_value_the_first_two_change_places() {
    let choices = gearbox(&weibull(2.0, 9_000.0, 1_000), &[("oil_change", 1.2)]);
    let mut inputs = economics(Kind::Gearbox, &[]);
    let cards = advised(&choices, &inputs);
    let [first, second] = [cards[0].id, cards[1].id];
    // The sentence names the input by its title, the side, and the value.
    let said = cards[0].would_change.split(" (now").next().unwrap();
    let (title, rest) = said.split_once(" below ").or_else(|| said.split_once(" above ")).unwrap();
    let below = said.contains(" below ");
    let input = inputs.inputs().iter().find(|input| input.title == title).unwrap().clone();
    let value: f64 = rest.split(' ').next().unwrap().replace(',', "").parse().unwrap();
    assert!(if below { value < input.value } else { value > input.value }, "{said}");
    // Rounded to three digits: a little on either side it must be one or the other.
    let mut cheaper = |value: f64| {
        inputs.set(input.id, value).unwrap();
        let cards = advised(&choices, &inputs);
        of(&cards, first).cost.mean < of(&cards, second).cost.mean
    };
    assert_eq!([cheaper(value * 0.98), cheaper(value * 1.02)], [!below, below], "{said}");
}

#[test]
fn dates_are_in_the_windows_of_the_site() {
    let day = 86_400_000;
    let window = NOW_MS + 7 * day..NOW_MS + 10 * day;
    let later = NOW_MS + 100 * day..NOW_MS + 101 * day;
    let operations = Operations { crews: 1, windows: vec![window, later] };
    let made = calendar(Kind::Gearbox, &operations);
    assert_eq!(made.assumption(), None);
    let dates = |work_h, crews| -> Vec<f64> { made.dates(work_h, crews).iter().map(|date| date.start_h).collect() };
    // Shifts of eight hours from eight o'clock: three in the first window, one in the second.
    let shift = |day: f64| day * 24.0 + 8.0;
    assert_eq!(dates(8.0, 1.0), [shift(7.0), shift(8.0), shift(9.0), shift(100.0)]);
    assert_eq!(dates(22.0, 1.0), [shift(7.0)]);
    assert_eq!(dates(22.0, 2.0), [shift(7.0), shift(8.0)]);
    assert_eq!(dates(22.0, 3.0), [shift(7.0), shift(8.0), shift(9.0), shift(100.0)]);
    assert_eq!(dates(25.0, 1.0), [0.0; 0]);
    assert_eq!(made.dates(22.0, 1.0)[0].window_h, [168.0, 240.0]);
    // What fits into no window is not offered.
    let choices = gearbox(&weibull(3.0, 1_500.0, 100), &[]);
    let cards = advise(&choices, &economics(Kind::Gearbox, &[("bearing_work", 25.0)]), &made, YEAR_H);
    assert!(!ids(&cards).contains(&"replace") && ids(&cards).contains(&"oil_change"));
}

#[test]
fn without_windows_work_is_on_weekdays_and_slower_in_the_wind() {
    let none = Operations::default();
    let on_land = calendar(Kind::Machine, &none);
    assert!(on_land.assumption().unwrap().contains("assumed"));
    let days: Vec<f64> = on_land.dates(8.0, 1.0).iter().take(4).map(|date| (date.start_h - 8.0) / 24.0).collect();
    // Now is a Thursday: Friday follows, then Monday.
    assert_eq!(days, [0.0, 1.0, 4.0, 5.0]);
    let lasts = |kind| {
        let date = calendar(kind, &none).dates(8.0, 1.0)[0];
        date.window_h[1] - date.window_h[0]
    };
    assert_eq!([lasts(Kind::Machine), lasts(Kind::Gearbox)], [8.0, 32.0]);
    // A shift that has begun is over for planning.
    let noon = Calendar::new(Kind::Machine, &none, NOW_MS + 12 * 3_600_000, YEAR_H);
    assert_eq!(noon.dates(8.0, 1.0)[0].start_h, 20.0);
}

#[test]
fn waiting_a_week_costs_only_what_is_urgent() {
    let economics = economics(Kind::Gearbox, &[]);
    let week = |lives: &[f64]| {
        let calendar = calendar(Kind::Gearbox, &every_day());
        wait_a_week(&gearbox(lives, &[]), &economics, &calendar, YEAR_H).unwrap().mean
    };
    assert_eq!(week(&[f64::INFINITY; 100]), 0.0);
    let [urgent, later] = [week(&weibull(2.0, 500.0, 1_000)), week(&weibull(5.0, 6_000.0, 1_000))];
    assert!(urgent > 1_000.0 && later < 0.01 * urgent, "{urgent} {later}");
}

#[test]
fn only_actions_with_their_lever_are_offered() {
    let ids = |kind, levers: &[Lever]| -> Vec<&str> { actions(kind, levers).iter().map(|action| action.id).collect() };
    assert_eq!(ids(Kind::Gearbox, &[]), ["wait", "replace"]);
    assert_eq!(ids(Kind::Gearbox, &LEVERS), ["wait", "replace", "oil_change", "realign", "derate", "clean_cooler"]);
    assert_eq!(ids(Kind::Machine, &LEVERS), ["wait", "service"]);
    assert_eq!(ids(Kind::Blade, &[]), ["wait", "inspect", "replace"]);
    // A lever that cannot be moved is none.
    assert_eq!(ids(Kind::Gearbox, &[lever("derate", "%", [100.0, 100.0, 100.0])]), ["wait", "replace"]);
}

#[test]
fn an_inspection_pays_where_failures_are_dear() {
    let choices: Vec<Choice> = actions(Kind::Blade, &[])
        .into_iter()
        .map(|action| Choice { action, lives: weibull(3.0, 12_000.0, 1_000) })
        .collect();
    let cards = advised(&choices, &economics(Kind::Blade, &[("blade_work", 8.0)]));
    assert!(of(&cards, "inspect").saves > 0.0);
    let blind = advised(&choices, &economics(Kind::Blade, &[("blade_work", 8.0), ("inspection_finds", 0.0)]));
    assert!(of(&blind, "inspect").saves < 0.0);
}
