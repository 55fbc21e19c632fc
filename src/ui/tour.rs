//! A screen without a presenter: the captions of the tour in a lower third, or one part of the layout; and the night.
//! Written large ([`crate::view::tour::screen`] says how large), inside safe margins, without panels.

use std::sync::Arc;

use egui::text::{LayoutJob, TextFormat, TextWrapping};
use egui::{
    Align2, Color32, Context, Galley, Order, Painter, Pos2, Rect, Sense, StrokeKind, WidgetInfo, WidgetType, pos2, vec2,
};

use super::paint::{line, mark, text};
use super::style::{Kit, bold, colour, font};
use super::{alarms, fleet, inspector, labels, panel};
use crate::view::labels::LabelView;
use crate::view::theme::ThemeName;
use crate::view::tour::screen::{MARGIN, SHIFT_PX, Show, TEXT_PT};
use crate::view::tour::{KeyFigure, Told, TourView};
use crate::view::{AppView, Layout, UiAction, UiState};

/// Of the headline.
const TITLE_PT: f32 = 20.0;
/// Of the key figures.
const FIGURE_PT: f32 = 22.0;
/// Of what stands beside them, and of the head: capitals of 16 minutes of arc where the running text has 20.
const SMALL_PT: f32 = 13.0;
/// Between what belongs together.
const GAP: f32 = 10.0;
/// Height of the head.
const HEAD: f32 = 26.0;
/// A picture is as wide as high, or narrower: figures stand above the captions, not beside them.
const NARROW: f32 = 1.15;
/// Share of the height of a narrow picture that is covered at most.
const MOST_COVERED: f32 = 0.5;
/// The picture of the night: as dark as a digit can be and still be found.
const DIM: Color32 = Color32::from_rgb(0x46, 0x4E, 0x58);

/// Draws the screen, and returns the rectangle of the scene: all of it. What is written shifts against burn-in; the scene is
/// never at rest.
pub fn tour_ui(
    ctx: &Context,
    view: &AppView,
    tour: &TourView,
    state: &mut UiState,
    actions: &mut Vec<UiAction>,
) -> Rect {
    let kit = Kit::new(if tour.light { ThemeName::Light } else { ThemeName::Dark });
    let whole = ctx.viewport_rect();
    let pixel = 1.0 / ctx.pixels_per_point();
    let [x, y] = tour.shift.map(|shift| shift as f32 * pixel);
    let picture = whole.shrink(SHIFT_PX as f32 * pixel).translate(vec2(x, y));
    // What a wide screen has beside a picture of 16:9 belongs to the picture: margins follow the shorter side.
    let safe = picture.shrink(MARGIN * whole.width().min(whole.height()));
    if let Some(at) = tour.night {
        night(ctx, tour, whole, safe, at);
        return whole;
    }
    let plain = tour.show != Show::Scene;
    if plain {
        panel(ctx, "screen", whole, Order::Background, kit.panel(), |ui| {
            ui.allocate_rect(whole, Sense::hover());
        });
    }
    let head = head_ui(ctx, &kit, tour, safe, plain);
    let body = Rect::from_min_max(pos2(safe.left(), head + 8.0), safe.max);
    match tour.show {
        Show::Scene => {
            let band = captions(ctx, &kit, tour, whole, safe);
            // One line each, or only the name: what else is known of a part is among the figures, where a stop tells of it.
            let about = view.overlay.labels.iter().filter(|label| tour.highlight.contains(&label.part));
            let figure = |label: &LabelView| if tour.figures.is_empty() { label.figure.clone() } else { String::new() };
            let told: Vec<LabelView> = about
                .map(|label| LabelView { figure: figure(label), life: None, crack: None, ..label.clone() })
                .collect();
            let head = Rect::from_min_max(whole.min, pos2(whole.right(), body.top()));
            let free = Rect::from_min_max(pos2(safe.left(), body.top()), pos2(safe.right(), band.top()));
            let mut taken = cards(ctx, &kit, tour, whole, free);
            taken.extend([band, head]);
            // Rather none than one that covers a figure: the part is outlined all the same.
            labels::labels_ui(ctx, &kit, &told, free, (&taken, 0), actions);
            whole
        }
        show => {
            let mut hover = None;
            match show {
                Show::Alarms => panel(ctx, "alarms", body, Order::Middle, kit.panel(), |ui| {
                    let layout = Layout { alarms: body.height(), alarms_line: false, ..view.layout };
                    alarms::alarms_ui(ui, &kit, &view.alarms, &layout, state, actions, &mut hover);
                }),
                Show::Fleet => {
                    if let Some(table) = &view.fleet {
                        fleet::fleet_ui(ctx, &kit, table, body.expand(14.0), state, actions);
                    }
                }
                _ => panel(ctx, "inspector", body, Order::Middle, kit.panel(), |ui| {
                    inspector::inspector_ui(ui, &kit, view, state, actions, &mut hover);
                }),
            }
            whole
        }
    }
}

/// Pieces of a text as one paragraph of at most so many rows.
fn paragraph(painter: &Painter, kit: &Kit, told: &[Told], font: &egui::FontId, width: f32, rows: usize) -> Arc<Galley> {
    let mut job = LayoutJob::default();
    for piece in told {
        // What is not to be relied on says so, and leans.
        let format = match (piece.live, piece.sure) {
            (true, true) => TextFormat::simple(bold(font.size), kit.text()),
            (_, sure) => TextFormat { italics: !sure, ..TextFormat::simple(font.clone(), kit.text()) },
        };
        job.append(&piece.text, 0.0, format);
    }
    job.wrap = TextWrapping { max_width: width.max(1.0), max_rows: rows, ..Default::default() };
    painter.layout_job(job)
}

/// Title and caption in the lower third, and above them the figures of a narrow picture. Returns its rectangle.
fn captions(ctx: &Context, kit: &Kit, tour: &TourView, picture: Rect, safe: Rect) -> Rect {
    let measure = Painter::new(ctx.clone(), egui::LayerId::background(), picture);
    let narrow = is_narrow(picture);
    let mut figures = if narrow { columns(&measure, kit, tour, safe) } else { Vec::new() };
    let title = paragraph(&measure, kit, &tour.title, &bold(TITLE_PT), safe.width(), 2);
    let rows = if picture.height() > 1.2 * picture.width() { 6 } else { 3 };
    let caption = paragraph(&measure, kit, &tour.caption, &font(TEXT_PT), safe.width(), rows);
    let lost = tour.lost.as_ref().map(|lost| line(&measure, lost, bold(SMALL_PT), kit.text(), safe.width() - 20.0));
    let lost_height = lost.as_ref().map_or(0.0, |lost| lost.size().y + GAP);
    let dots = 12.0;
    let words = lost_height + title.size().y + 4.0 + caption.size().y + dots;
    let height = |figures: &[Column]| figures.iter().map(|column| column.size.y + GAP).sum::<f32>();
    // What is told comes before its figures, and the scene before both.
    while !figures.is_empty() && words + height(&figures) > MOST_COVERED * picture.height() {
        figures.pop();
    }
    let inner = words + height(&figures);
    let top = safe.bottom() - inner;
    let band = Rect::from_min_max(pos2(picture.left(), top - GAP), picture.max);
    panel(ctx, "tour", band, Order::Middle, kit.panel(), |ui| {
        ui.painter().hline(band.x_range(), band.top() + 0.5, kit.hairline());
        let mut y = top;
        if let Some(lost) = lost {
            let sign = pos2(safe.left() + 6.0, y + lost.size().y / 2.0);
            let high = crate::view::theme::Mark::state(twinscope_twin::severity::Severity::High);
            mark(ui.painter(), kit, sign, 6.0, high);
            told_at(ui, pos2(safe.left() + 18.0, y), lost, kit.text());
            y += lost_height;
        }
        for column in figures {
            let height = column.size.y;
            column.paint(ui, pos2(safe.left(), y));
            y += height + GAP;
        }
        let title_height = title.size().y;
        told_at(ui, pos2(safe.left(), y), title, kit.text());
        told_at(ui, pos2(safe.left(), y + title_height + 4.0), caption, kit.text());
        if let Some((count, at, fraction)) = tour.progress {
            progress(ui.painter(), kit, pos2(safe.left(), safe.bottom() - 3.0), safe.width(), count, at, fraction);
        }
    });
    band
}

/// The key figures of a wide picture: cards below the clock, as many as there is room for. Returns their rectangles.
fn cards(ctx: &Context, kit: &Kit, tour: &TourView, picture: Rect, free: Rect) -> Vec<Rect> {
    if is_narrow(picture) {
        return Vec::new();
    }
    let measure = Painter::new(ctx.clone(), egui::LayerId::background(), picture);
    let pad = vec2(10.0, 6.0);
    let mut top = free.top();
    let mut taken = Vec::new();
    for (n, column) in columns(&measure, kit, tour, free).into_iter().enumerate() {
        let size = column.size + 2.0 * pad;
        let card = Rect::from_min_size(pos2(free.right() - size.x, top), size);
        if card.bottom() > free.bottom() - 4.0 {
            break;
        }
        panel(ctx, &format!("tour figure {n}"), card, Order::Middle, Color32::TRANSPARENT, |ui| {
            ground(ui.painter(), kit, card);
            column.paint(ui, card.min + pad);
        });
        top = card.bottom() + 8.0;
        taken.push(card);
    }
    taken
}

fn is_narrow(picture: Rect) -> bool {
    picture.width() < NARROW * picture.height()
}

fn columns(painter: &Painter, kit: &Kit, tour: &TourView, room: Rect) -> Vec<Column> {
    tour.figures.iter().map(|figure| Column::new(painter, kit, figure, room.width())).collect()
}

/// Paints a text, and tells it to whoever does not see.
fn told_at(ui: &mut egui::Ui, at: Pos2, galley: Arc<Galley>, tint: Color32) {
    let rect = Rect::from_min_size(at, galley.size());
    let words = galley.text().to_owned();
    let response = ui.interact(rect, ui.id().with(("told", rect.min.x as i32, rect.min.y as i32)), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(WidgetType::Label, true, &words));
    ui.painter().galley(at, galley, tint);
}

/// What words over the scene lie on: nothing shows through, so that their contrast is that of a panel.
fn ground(painter: &Painter, kit: &Kit, rect: Rect) {
    painter.rect(rect, 8, kit.panel(), kit.hairline(), StrokeKind::Inside);
}

/// A key figure, measured.
struct Column {
    label: Arc<Galley>,
    value: Arc<Galley>,
    note: Option<Arc<Galley>>,
    tint: Color32,
    quiet: Color32,
    size: egui::Vec2,
}

impl Column {
    fn new(painter: &Painter, kit: &Kit, figure: &KeyFigure, room: f32) -> Self {
        let most = room - 20.0;
        let tint = match (figure.sure, figure.severity) {
            (false, _) => kit.quiet(),
            (true, twinscope_twin::severity::Severity::Normal) => kit.text(),
            (true, severity) => colour(kit.theme.state_text(severity)),
        };
        let label = line(painter, &figure.label, font(SMALL_PT), kit.quiet(), most);
        let value = line(painter, &figure.value, bold(FIGURE_PT), tint, most);
        let note = (!figure.note.is_empty()).then(|| line(painter, &figure.note, font(SMALL_PT), kit.quiet(), most));
        let sizes = || [Some(&label), Some(&value), note.as_ref()].into_iter().flatten().map(|galley| galley.size());
        let size = vec2(sizes().map(|size| size.x).fold(0.0, f32::max), sizes().map(|size| size.y).sum());
        Self { label, value, note, tint, quiet: kit.quiet(), size }
    }

    fn paint(self, ui: &mut egui::Ui, at: Pos2) {
        let mut y = at.y;
        for (galley, tint) in [(Some(self.label), self.quiet), (Some(self.value), self.tint), (self.note, self.quiet)] {
            let Some(galley) = galley else { continue };
            let height = galley.size().y;
            told_at(ui, pos2(at.x, y), galley, tint);
            y += height;
        }
    }
}

/// A dash for each stop; the one that is told fills.
fn progress(painter: &Painter, kit: &Kit, at: Pos2, width: f32, count: usize, stop: usize, fraction: f32) {
    if count == 0 {
        return;
    }
    let gap = 4.0_f32.min(width / count as f32 * 0.3);
    let step = (width / count as f32).min(40.0);
    for n in 0..count {
        let dash = Rect::from_min_size(pos2(at.x + n as f32 * step, at.y), vec2(step - gap, 2.5));
        painter.rect_filled(dash, 1, kit.line());
        let share = match n.cmp(&stop) {
            std::cmp::Ordering::Less => 1.0,
            std::cmp::Ordering::Equal => fraction.clamp(0.06, 1.0),
            std::cmp::Ordering::Greater => 0.0,
        };
        painter.rect_filled(Rect::from_min_size(dash.min, vec2(dash.width() * share, 2.5)), 1, kit.text());
    }
}

/// State of the site on the left, clock on the right, or below it where there is no room. Returns the lower edge.
fn head_ui(ctx: &Context, kit: &Kit, tour: &TourView, safe: Rect, plain: bool) -> f32 {
    let measure = Painter::new(ctx.clone(), egui::LayerId::background(), safe);
    let said = [tour.site.as_str(), tour.state.as_str()].join("  ·  ");
    let state = line(&measure, &said, bold(SMALL_PT), kit.text(), safe.width() - 34.0);
    let said = if tour.simulated { format!("SIMULATED  ·  {}", tour.clock) } else { tour.clock.clone() };
    let clock = line(&measure, &said, font(SMALL_PT), kit.text(), safe.width() - 20.0);
    let left = Rect::from_min_size(safe.min, vec2(state.size().x + 34.0, HEAD));
    let size = vec2(clock.size().x + 20.0, HEAD);
    let beside = left.width() + GAP + size.x <= safe.width();
    let corner = if beside { pos2(safe.right() - size.x, safe.top()) } else { pos2(safe.left(), left.bottom() + 4.0) };
    let right = Rect::from_min_size(corner, size);
    for (id, chip, galley, indent) in [("tour state", left, state, 24.0), ("tour clock", right, clock, 10.0)] {
        panel(ctx, id, chip, Order::Middle, Color32::TRANSPARENT, |ui| {
            if !plain {
                ground(ui.painter(), kit, chip);
            }
            if id == "tour state" {
                mark(ui.painter(), kit, pos2(chip.left() + 13.0, chip.center().y), 5.5, tour.mark);
            }
            told_at(ui, pos2(chip.left() + indent, chip.center().y - galley.size().y / 2.0), galley, kit.text());
        });
    }
    if plain && let Some(lost) = &tour.lost {
        let below = Rect::from_min_size(pos2(safe.left(), safe.bottom() - HEAD), vec2(safe.width(), HEAD));
        panel(ctx, "tour lost", below, Order::Foreground, kit.raised(), |ui| {
            let at = below.left_center() + vec2(10.0, 0.0);
            text(ui.painter(), at, Align2::LEFT_CENTER, lost, bold(SMALL_PT), kit.text(), below.width() - 20.0);
        });
    }
    left.bottom().max(right.bottom())
}

/// The night: black, the time and the state, now here, now there.
fn night(ctx: &Context, tour: &TourView, whole: Rect, safe: Rect, at: [f32; 2]) {
    panel(ctx, "tour night", whole, Order::Foreground, Color32::BLACK, |ui| {
        ui.allocate_rect(whole, Sense::hover());
        let clock = line(ui.painter(), &tour.clock, bold(2.0 * FIGURE_PT), DIM, safe.width());
        let said = tour.lost.as_deref().unwrap_or(&tour.state);
        let state = line(ui.painter(), said, font(TEXT_PT), DIM, safe.width() - 20.0);
        let size = vec2(clock.size().x.max(state.size().x + 20.0), clock.size().y + state.size().y + 4.0);
        let room = (safe.size() - size).max(egui::Vec2::ZERO);
        let corner = safe.min + vec2(room.x * at[0], room.y * at[1]);
        let below = corner.y + clock.size().y + 4.0;
        told_at(ui, corner, clock, DIM);
        // A state that wants attention keeps its shape and its colour, dimmed.
        let kit = Kit::new(ThemeName::Dark);
        ui.scope(|ui| {
            ui.set_opacity(0.45);
            mark(ui.painter(), &kit, pos2(corner.x + 6.0, below + state.size().y / 2.0), 5.0, tour.mark);
        });
        told_at(ui, pos2(corner.x + 18.0, below), state, DIM);
    });
}
