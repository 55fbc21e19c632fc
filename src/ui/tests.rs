//! The panels without a window: no snapshot may make them panic, and what is clicked does what it says.

use std::sync::Arc;

use egui::{Event, Key, Modifiers, PointerButton, RawInput, Rect, pos2, vec2};

use twinscope_twin::command::Command;
use twinscope_twin::quality::{Quality, QualityReason};
use twinscope_twin::severity::Severity;
use twinscope_twin::site::{Asset, AssetRow, PartRow, Site, SourceRow};
use twinscope_twin::snapshot::{LinkState, RollUp, Snapshot};
use twinscope_twin::value::Value;

use crate::view::export::Exports;
use crate::view::field::{FieldChoice, Probe, ShownField};
use crate::view::procedure::Lead;
use crate::view::sight::{Feature, Shown};
use crate::view::tags::Tags;
use crate::view::tests::fixture::{self, SiteBuilder, select, set, silent};
use crate::view::theme::ThemeName;
use crate::view::tools::{PlaneScene, Span, ToolScene};
use crate::view::viewpoints::Viewpoints;
use crate::view::{Anchor, Progress, Scene, TreeKey, UiAction, UiState, app_view};

mod living;
mod looking;
mod procedures;
mod rooms;
mod tags;
mod touring;
mod typing;
mod walking;

/// A window without pixels.
struct Window {
    ctx: egui::Context,
    size: [f32; 2],
    time: f64,
    state: UiState,
    actions: Vec<UiAction>,
    free: Rect,
    /// What a screen reader would say of the last frame, and where it is.
    told: Vec<(String, Rect)>,
}

impl Window {
    fn new(size: [f32; 2]) -> Self {
        let ctx = egui::Context::default();
        super::install(&ctx, ThemeName::Dark);
        ctx.enable_accesskit();
        let (state, actions) = (UiState::default(), Vec::new());
        Self { ctx, size, time: 0.0, state, actions, free: Rect::NOTHING, told: Vec::new() }
    }

    fn frame(&mut self, snapshot: &Snapshot, scene: &Scene, events: Vec<Event>) {
        self.time += 0.1;
        let screen_rect = Some(Rect::from_min_size(pos2(0.0, 0.0), vec2(self.size[0], self.size[1])));
        let input = RawInput { screen_rect, time: Some(self.time), events, ..RawInput::default() };
        let ctx = self.ctx.clone();
        // As bevy_egui does it: the root ui stays empty.
        let output = ctx.run_ui(input, |_| {
            let view = app_view(snapshot, scene, &self.state, self.size);
            self.free = super::show(&ctx, &view, &mut self.state, &mut self.actions);
        });
        let update = output.platform_output.accesskit_update.clone();
        output.drop_without_applying_deltas();
        self.told = update
            .iter()
            .flat_map(|update| &update.nodes)
            .filter_map(|(_, node)| {
                let at = node.bounds()?;
                let rect = Rect::from_min_max(pos2(at.x0 as f32, at.y0 as f32), pos2(at.x1 as f32, at.y1 as f32));
                Some((node.label().or_else(|| node.value())?.to_owned(), rect))
            })
            .collect();
    }

    fn settle(&mut self, snapshot: &Snapshot, scene: &Scene) {
        for _ in 0..3 {
            self.frame(snapshot, scene, Vec::new());
        }
    }

    fn click(&mut self, snapshot: &Snapshot, x: f32, y: f32) {
        let button = |pressed| Event::PointerButton {
            pos: pos2(x, y),
            button: PointerButton::Primary,
            pressed,
            modifiers: Modifiers::NONE,
        };
        self.settle(snapshot, &Scene::default());
        self.frame(snapshot, &Scene::default(), vec![Event::PointerMoved(pos2(x, y))]);
        self.frame(snapshot, &Scene::default(), vec![button(true)]);
        self.frame(snapshot, &Scene::default(), vec![button(false)]);
    }

    fn press(&mut self, snapshot: &Snapshot, key: Key, modifiers: Modifiers) {
        let event = |pressed| Event::Key { key, physical_key: None, pressed, repeat: false, modifiers };
        self.frame(snapshot, &Scene::default(), vec![event(true)]);
        self.frame(snapshot, &Scene::default(), vec![event(false)]);
    }
}

fn all_over(snapshot: &Snapshot) -> Scene {
    let odd = [f32::NAN, -1e30, 1e30, 0.0, 700.0];
    Scene {
        progress: Some(Progress { text: "Loading wind_turbine.glb".into(), fraction: Some(f32::NAN) }),
        model_problems: (0..9).map(|i| (AssetRow(i), "x".repeat(2000))).collect(),
        simulated: true,
        drawn: Arc::new(vec![Shown::Hidden; 3]),
        found: Some(Err("x".repeat(500))),
        walk: Default::default(),
        tools: ToolScene {
            plane: Some(PlaneScene {
                corners: odd.map(|v| [v, v]).to_vec(),
                handle: Some([700.0, f32::NAN]),
                per_metre: [f32::NAN, 0.0],
                range: [f32::NAN, f32::INFINITY],
            }),
            spans: odd.map(|v| Span { ends: [Some([v, 0.0]), Some([0.0, v])], way: [v; 3] }).to_vec(),
            snap: Some(([f32::NAN, 1e30], Feature::Edge)),
        },
        read_only: true,
        camera_yaw_deg: f32::NAN,
        notices: (0..40).map(|i| format!("notice {i} {}", "long ".repeat(100))).collect(),
        broker_url: Some("mqtt://127.0.0.1:1883".into()),
        too_fast: vec![(PartRow(0), "rotor 12.1 rpm".into()), (PartRow(u32::MAX), String::new())],
        anchors: (0..snapshot.parts.len().min(500) as u32 + 2)
            .map(|i| Anchor {
                part: PartRow(i),
                pos: [odd[i as usize % 5], odd[(i as usize + 3) % 5]],
                depth: odd[i as usize % 5],
                visible: true,
            })
            .collect(),
        fields: (0..40)
            .map(|n| FieldChoice { id: format!("_F{n}"), name: "x".repeat(500), ..FieldChoice::default() })
            .collect(),
        field: Some(ShownField { id: "_F0".into(), unknown: 1, ..ShownField::default() }),
        probe: Some(Probe { pos: [f32::NAN, 1e30], value: Some(f32::NAN) }),
        room: Default::default(),
        viewpoints: Viewpoints::default(),
        tags: Tags::default(),
        card: None,
        model: None,
        exports: Exports { folder: "x".repeat(2_000), recording_s: Some(f32::NAN), writing: true },
        records: Default::default(),
        lead: Some(Lead {
            part: PartRow(u32::MAX),
            seen: Some([f32::NAN, 1e30]),
            towards: [f32::NAN, 0.0],
            distance_m: f32::NAN,
        }),
        playing: None,
    }
}

/// Snapshots that nobody would make on purpose.
fn odd_snapshots() -> Vec<(&'static str, Snapshot)> {
    let mut all = vec![("empty site", silent(Site::default())), ("turbine", fixture::turbine())];

    let mut b = SiteBuilder::new();
    for asset in 0..50 {
        b.asset(&format!("wt-{asset}"), &format!("Turbine {asset}"));
        for part in 0..100 {
            b.part(&format!("part_{part}"), &format!("Part {part}"), "thing", None);
        }
    }
    let mut large = silent(b.site);
    for row in 0..large.parts.len() {
        set(&mut large, PartRow(row as u32), Severity::ALL[row % 5], Quality::Good, QualityReason::None);
    }
    fixture::roll_up(&mut large);
    all.push(("5,000 parts", large));

    let mut nan = fixture::turbine();
    for (i, status) in nan.signals.iter_mut().enumerate() {
        status.value = Some(Value::Number([f64::NAN, f64::INFINITY, -1e308, 0.0][i % 4]));
        status.received = None;
        status.source_ms = [i64::MIN, i64::MAX, 0, -1][i % 4];
    }
    for source in &mut nan.sources {
        source.rate_per_s = f32::NAN;
        source.delay_ms = Some(f32::NEG_INFINITY);
    }
    for part in &mut nan.parts {
        part.health = Some(f32::NAN);
    }
    if let Some(selected) = &mut nan.selected {
        for signal in &mut selected.signals {
            signal.history = vec![[f64::NAN, 1.0], [f64::INFINITY, 2.0], [0.0, f64::NAN], [1e300, -1e300], [0.0, 0.0]];
        }
        if let Some(health) = &mut selected.health {
            health.value = Some(f64::NAN);
            health.error = Some("division by zero".into());
        }
        for (_, issue, _) in &mut selected.predictions {
            issue.body.issued_at = Some(i64::MAX);
            issue.body.valid_until = Some(i64::MIN);
            for value in issue.body.quantiles.values_mut() {
                *value = f64::NAN;
            }
            if let Some(path) = &mut issue.body.path {
                path.p05.iter_mut().for_each(|v| *v = 1e308);
                path.p95.iter_mut().for_each(|v| *v = -1e308);
            }
        }
    }
    all.push(("values that are no numbers", nan));

    let mut long = fixture::turbine();
    let mut site = (*long.site).clone();
    let name = "Überlange Bezeichnung 🦀 \u{202E}rtl\n".repeat(60);
    site.name.clone_from(&name);
    for part in &mut site.parts {
        part.name.clone_from(&name);
        part.kind.clone_from(&name);
        part.note = Some(name.clone());
    }
    for signal in &mut site.signals {
        signal.name.clone_from(&name);
        signal.unit.clone_from(&name);
        signal.decimals = 255;
    }
    for asset in &mut site.assets {
        asset.name.clone_from(&name);
        asset.stand_in = Some(name.clone());
    }
    long.site = Arc::new(site);
    long.sources[0].link = LinkState::Refused { reason: name };
    all.push(("long names", long));

    let mut short = fixture::turbine();
    short.parts.clear();
    short.signals.clear();
    short.assets.clear();
    short.sources.clear();
    all.push(("tables shorter than the site", short));

    let mut beyond = fixture::turbine();
    if let Some(selected) = &mut beyond.selected {
        selected.part = PartRow(u32::MAX);
    }
    for alarm in &mut beyond.alarms {
        alarm.part = PartRow(u32::MAX);
        alarm.value = Some(f64::NAN);
        alarm.since_ms = i64::MIN;
    }
    all.push(("rows beyond the site", beyond));
    all
}

#[test]
fn no_snapshot_makes_a_panel_panic() {
    for (name, snapshot) in odd_snapshots() {
        for size in [[1920.0, 1080.0], [1280.0, 720.0], [320.0, 200.0], [1.0, 1.0], [0.0, 0.0]] {
            for theme in [ThemeName::Dark, ThemeName::Light] {
                let scene = all_over(&snapshot);
                let mut window = Window::new(size);
                window.state.theme = theme;
                window.state.help_open = size[0] > 1000.0;
                window.state.tree_over = true;
                window.state.search = if theme == ThemeName::Light { "bear".into() } else { String::new() };
                window.state.payload_open.extend((0..30).map(twinscope_twin::site::SignalRow));
                window.settle(&snapshot, &scene);
                assert!(window.free.width() <= size[0].max(0.0) + 0.1, "{name} {size:?}: {:?}", window.free);
            }
        }
    }
}

#[test]
fn every_part_of_the_turbine_can_be_inspected() {
    let mut snapshot = fixture::turbine();
    let mut window = Window::new([1280.0, 720.0]);
    for row in 0..snapshot.parts.len() as u32 {
        select(&mut snapshot, PartRow(row));
        window.settle(&snapshot, &Scene::default());
    }
}

#[test]
fn the_window_before_the_first_snapshot_shows_progress() {
    let ctx = egui::Context::default();
    super::install(&ctx, ThemeName::Dark);
    for fraction in [None, Some(0.4), Some(f32::NAN), Some(9.0)] {
        ctx.begin_pass(RawInput::default());
        super::progress_only(&ctx, &Progress { text: "Starting the broker".into(), fraction });
        ctx.end_pass().drop_without_applying_deltas();
    }
}

#[test]
fn the_free_rectangle_is_what_the_panels_leave() {
    let snapshot = fixture::turbine();
    let mut window = Window::new([1920.0, 1080.0]);
    window.settle(&snapshot, &Scene::default());
    assert_eq!((window.free.left(), window.free.top(), window.free.right()), (260.0, 44.0, 1540.0));
}

#[test]
fn egui_has_the_pointer_over_panels_and_not_over_the_scene() {
    let snapshot = fixture::turbine();
    let mut window = Window::new([1920.0, 1080.0]);
    window.settle(&snapshot, &Scene::default());
    for (x, y, over) in [(100.0, 500.0, true), (1700.0, 500.0, true), (900.0, 20.0, true), (900.0, 400.0, false)] {
        window.frame(&snapshot, &Scene::default(), vec![Event::PointerMoved(pos2(x, y))]);
        window.frame(&snapshot, &Scene::default(), Vec::new());
        let layer = window.ctx.layer_id_at(pos2(x, y));
        assert_eq!(window.ctx.egui_wants_pointer_input(), over, "{x} {y}: {layer:?}");
    }
}

#[test]
fn a_click_in_the_tree_selects_and_a_click_on_an_alarm_flies() {
    let mut snapshot = fixture::turbine();
    snapshot.selected = None;
    let mut window = Window::new([1920.0, 1080.0]);
    // Rows of 26 points below bar and heading: the third is the tower.
    window.click(&snapshot, 120.0, 44.0 + 44.0 + 2.5 * 26.0);
    assert!(window.actions.contains(&UiAction::Command(Command::Select(Some(PartRow(1))))), "{:?}", window.actions);
    window.actions.clear();
    let first = window.free.bottom() + 34.0 + 14.0;
    window.click(&snapshot, 400.0, first);
    let part = snapshot.alarms[0].part;
    assert!(window.actions.contains(&UiAction::Command(Command::Select(Some(part)))), "{:?}", window.actions);
    assert!(window.actions.contains(&UiAction::FlyTo(part)));
}

#[test]
fn a_model_that_was_opened_by_itself_has_a_button_that_removes_it_and_the_machines_of_the_site_have_none() {
    let mut snapshot = fixture::turbine();
    let site = Arc::make_mut(&mut snapshot.site);
    let model = Asset { id: "pump".into(), source: SourceRow(u32::MAX), parts: 0..0, ..site.assets[0].clone() };
    site.assets.push(model);
    let asset = AssetRow(site.assets.len() as u32 - 1);
    snapshot.assets.push(RollUp::default());
    // Tall enough for all rows.
    let mut window = Window::new([1920.0, 1600.0]);
    let rows =
        |snapshot: &Snapshot| app_view(snapshot, &Scene::default(), &UiState::default(), [1920.0, 1080.0]).tree.rows;
    let last = rows(&snapshot).iter().position(|row| row.key == TreeKey::Asset(asset)).expect("the model");
    for (row, removed) in [(last, true), (0, false)] {
        window.actions.clear();
        window.click(&snapshot, 241.0, 44.0 + 44.0 + (row as f32 + 0.5) * 26.0);
        assert_eq!(
            window.actions.contains(&UiAction::Command(Command::Remove(asset))),
            removed,
            "{:?}",
            window.actions
        );
    }
    Arc::make_mut(&mut snapshot.site).removed.insert(asset);
    assert!(rows(&snapshot).iter().all(|row| row.key != TreeKey::Asset(asset)));
}

#[test]
fn acknowledging_does_not_select() {
    let snapshot = fixture::turbine();
    let mut window = Window::new([1920.0, 1080.0]);
    window.settle(&snapshot, &Scene::default());
    let first = window.free.bottom() + 34.0 + 14.0;
    window.click(&snapshot, 1850.0, first);
    let commands: Vec<_> = window.actions.iter().filter(|a| matches!(a, UiAction::Command(_))).collect();
    assert_eq!(commands, [&UiAction::Command(Command::Acknowledge(snapshot.alarms[0].alarm))]);
}

#[test]
fn keys_show_and_hide_panels_and_steer_the_scene() {
    let snapshot = fixture::turbine();
    let part = snapshot.selected.as_ref().map(|s| s.part).expect("the bearing");
    let mut window = Window::new([1920.0, 1080.0]);
    window.settle(&snapshot, &Scene::default());
    for key in [Key::Num1, Key::Num2, Key::Num3, Key::Num4] {
        window.press(&snapshot, key, Modifiers::NONE);
    }
    window.settle(&snapshot, &Scene::default());
    assert_eq!(window.free, Rect::from_min_size(pos2(0.0, 0.0), vec2(1920.0, 1080.0)));
    window.press(&snapshot, Key::G, Modifiers::NONE);
    window.press(&snapshot, Key::F, Modifiers::NONE);
    window.press(&snapshot, Key::H, Modifiers::NONE);
    window.press(&snapshot, Key::H, Modifiers::SHIFT);
    window.press(&snapshot, Key::A, Modifiers::NONE);
    window.press(&snapshot, Key::Escape, Modifiers::NONE);
    assert_eq!(
        window.actions,
        [
            UiAction::FlyTo(part),
            UiAction::Command(Command::Acknowledge(snapshot.alarms[0].alarm)),
            UiAction::Command(Command::Select(None)),
        ]
    );
}

#[test]
fn the_search_takes_the_keys_and_escape_gives_them_back() {
    let snapshot = fixture::turbine();
    let mut window = Window::new([1920.0, 1080.0]);
    window.settle(&snapshot, &Scene::default());
    window.press(&snapshot, Key::K, Modifiers::COMMAND | Modifiers::CTRL);
    window.frame(&snapshot, &Scene::default(), vec![Event::Text("g1".into())]);
    window.press(&snapshot, Key::G, Modifiers::NONE);
    assert_eq!(window.state.search, "g1");
    assert!(window.state.panels.tree && window.state.sight.ghost_housings, "keys belong to the field");
    window.press(&snapshot, Key::Escape, Modifiers::NONE);
    assert_eq!(window.state.search, "");
    window.press(&snapshot, Key::G, Modifiers::NONE);
    assert!(!window.state.sight.ghost_housings);
}

#[test]
fn arrows_walk_the_tree() {
    let snapshot = fixture::turbine();
    let part = snapshot.selected.as_ref().map(|s| s.part).expect("the bearing");
    let mut window = Window::new([1920.0, 1080.0]);
    window.settle(&snapshot, &Scene::default());
    window.press(&snapshot, Key::ArrowDown, Modifiers::NONE);
    window.press(&snapshot, Key::Enter, Modifiers::NONE);
    let next = PartRow(part.0 + 1);
    assert_eq!(window.actions, [UiAction::Command(Command::Select(Some(next))), UiAction::FlyTo(part)]);
}

#[test]
fn a_hovered_row_is_reported_once_and_its_leaving_too() {
    let snapshot = fixture::turbine();
    let mut window = Window::new([1920.0, 1080.0]);
    window.settle(&snapshot, &Scene::default());
    let hover = |window: &mut Window, x: f32, y: f32| {
        for _ in 0..3 {
            window.frame(&snapshot, &Scene::default(), vec![Event::PointerMoved(pos2(x, y))]);
        }
    };
    hover(&mut window, 120.0, 44.0 + 44.0 + 2.5 * 26.0);
    hover(&mut window, 900.0, 400.0);
    assert_eq!(window.actions, [UiAction::Hover(Some(PartRow(1))), UiAction::Hover(None)]);
}

#[test]
fn a_part_selected_elsewhere_is_revealed_in_the_tree() {
    let mut b = SiteBuilder::new();
    for asset in 0..40 {
        b.asset(&format!("wt-{asset}"), "Turbine");
        for part in 0..20 {
            b.part(&format!("part_{part}"), "Part", "", None);
        }
    }
    let mut snapshot = silent(b.site);
    select(&mut snapshot, PartRow(777));
    let mut window = Window::new([1920.0, 1080.0]);
    window.settle(&snapshot, &Scene::default());
    assert_eq!((window.state.revealed, window.state.scrolled), (Some(PartRow(777)), Some(PartRow(777))));
}

#[test]
fn the_tree_shows_the_selected_part_after_a_search() {
    let mut b = SiteBuilder::new();
    b.asset("wt-01", "Turbine");
    for part in 0..200 {
        b.part(&format!("part_{part}"), &format!("Part {part}"), "", None);
    }
    let mut snapshot = silent(b.site);
    let mut window = Window::new([1920.0, 1080.0]);
    window.state.search = "Part 150".to_owned();
    window.settle(&snapshot, &Scene::default());
    select(&mut snapshot, PartRow(150));
    window.settle(&snapshot, &Scene::default());
    window.state.search.clear();
    window.settle(&snapshot, &Scene::default());
    // Without the inspector, which names it too.
    let rows = window.told.iter().filter(|(_, rect)| rect.right() < 300.0);
    assert!(rows.clone().any(|(said, _)| said.starts_with("Part 150")), "{:?}", rows.collect::<Vec<_>>());
}

#[test]
fn the_fault_is_asked_for_only_where_commands_may_leave() {
    let snapshot = fixture::turbine();
    for read_only in [false, true] {
        let scene = Scene { read_only, ..Scene::default() };
        let view = app_view(&snapshot, &scene, &UiState::default(), [1920.0, 1080.0]);
        let crate::view::inspector::InspectorView::Part(part) = view.inspector else { panic!("a part is selected") };
        assert_eq!(part.fault.map(|f| f.read_only), Some(read_only));
    }
}

#[test]
fn every_glyph_that_we_write_is_in_the_fonts() {
    let ctx = egui::Context::default();
    super::install(&ctx, ThemeName::Dark);
    ctx.begin_pass(RawInput::default());
    let written = "0123456789 −–…·°µ²³≥≤×→←↑↓›%ΩΔσ±∞≈€ÄÖÜäöüßéèñçåøæ‘’“”\u{202F}\u{A0}";
    for font in [super::style::font(14.0), super::style::bold(14.0)] {
        for c in written.chars() {
            let known = ctx.fonts_mut(|fonts| fonts.fonts.font(&font.family).characters().contains_key(&c));
            assert!(known, "{c:?} {:#x}", c as u32);
        }
    }
    ctx.end_pass().drop_without_applying_deltas();
}

#[test]
fn digits_have_one_width() {
    let ctx = egui::Context::default();
    super::install(&ctx, ThemeName::Dark);
    ctx.begin_pass(RawInput::default());
    for font in [super::style::font(14.0), super::style::bold(16.0)] {
        let widths: Vec<f32> = ('0'..='9').map(|c| ctx.fonts_mut(|fonts| fonts.glyph_width(&font, c))).collect();
        assert!(widths.iter().all(|w| (w - widths[0]).abs() < 1e-3), "{widths:?}");
    }
    ctx.end_pass().drop_without_applying_deltas();
}
