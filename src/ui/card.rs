//! The card at a part, painted beside it with a line that leads there. It takes no clicks: what is under it stays usable.

use std::sync::Arc;

use egui::{Area, Context, Galley, Id, Order, Painter, Pos2, Rect, Sense, Stroke, WidgetInfo, WidgetType, pos2, vec2};

use super::paint::{glass, line, mark, middle, wrapped};
use super::spread::{Belief, spread_bar};
use super::style::{Kit, bold, colour, font};
use crate::view::card::{CardValue, CardView};
use crate::view::theme::Mark;
use crate::view::{AppView, UiState};
use twinscope_twin::site::PartRow;

const WIDTH: f32 = 276.0;
const PAD: f32 = 12.0;
/// Height of a line of values, and of the bar of a life.
const LINE: f32 = 19.0;
const BAR: f32 = 14.0;
/// Between two columns, and where a mark stands between them.
const GAP: f32 = 10.0;
const MARK: f32 = 24.0;
/// Between the part and its card, points.
const AWAY: f32 = 26.0;

/// Asks which part has a card; called in every frame.
pub fn follow(ctx: &Context, view: &AppView, state: &mut UiState) {
    // What is hovered in a list has its words there; what one walks up to has them at the crosshair.
    let in_scene = (state.panel_hover.is_none() || state.tag_hovered) && !state.walk.on;
    let hovered = state.hovered.filter(|_| in_scene);
    let wait = state.card.follow(hovered, view.selected, ctx.input(|input| input.time));
    if let Some(wait) = wait {
        ctx.request_repaint_after_secs(wait as f32 + 0.01);
    }
}

/// Paints the card clear of `obstacles`; where it is.
pub fn card_ui(ctx: &Context, kit: &Kit, view: &CardView, free: Rect, obstacles: &[Rect]) -> Option<Rect> {
    let painter = Painter::new(ctx.clone(), egui::LayerId::new(Order::Background, Id::new("card leader")), free);
    let rows = Rows::lay(&painter, kit, view);
    let covers = Rect::from_min_max(
        pos2(view.place.covers[0], view.place.covers[1]),
        pos2(view.place.covers[2], view.place.covers[3]),
    );
    let anchor = Pos2::from(view.place.pos);
    if !covers.is_finite() || !anchor.is_finite() || free.width() < WIDTH + 40.0 || free.height() < rows.height + 40.0 {
        return None;
    }
    let id = Id::new("twinscope card");
    let held: Option<(PartRow, Rect)> = ctx.data(|data| data.get_temp(id));
    let held = held.filter(|(part, _)| *part == view.place.part).map(|(_, rect)| rect.min);
    let size = vec2(WIDTH, rows.height);
    let rect = place(size, covers, anchor, free.shrink(10.0), obstacles, held)?;
    ctx.data_mut(|data| data.insert_temp(id, (view.place.part, rect)));
    let from = rect.clamp(anchor);
    let tint = kit.text().gamma_multiply(0.65);
    painter.line_segment([from, anchor], Stroke::new(3.0, egui::Color32::from_black_alpha(90)));
    painter.line_segment([from, anchor], Stroke::new(1.2, tint));
    painter.circle_filled(anchor, 3.0, tint);
    let area = Area::new(id).fixed_pos(rect.min).order(Order::Middle).interactable(false);
    area.constrain(false).fade_in(false).show(ctx, |ui| {
        let response = ui.allocate_rect(rect, Sense::hover());
        response.widget_info(|| WidgetInfo::labeled(WidgetType::Label, true, said(view)));
        rows.paint(ui.painter(), kit, view, rect);
    });
    Some(rect)
}

/// What a screen reader says.
fn said(view: &CardView) -> String {
    let value = |value: &CardValue| format!("{} {} {}, {}", value.name, value.figure, value.unit, value.age);
    let values = view.values.iter().map(value);
    let alarms = view.alarms.iter().map(|(severity, what)| format!("{}: {what}", severity.word()));
    let life = view.life.iter().map(|life| format!("remaining life {} {}", life.text, life.caveat));
    let head = format!("Card of {}: {}", view.name, view.words);
    std::iter::once(head).chain(alarms).chain(values).chain(life).collect::<Vec<_>>().join("; ")
}

/// Where a card goes: where it was as long as that is good, so that it does not follow a part that turns; else beside the
/// part, to the right first; where there is no room beside it, where it is farthest from its middle. Nowhere, if it would
/// cover something else everywhere.
fn place(
    size: egui::Vec2,
    covers: Rect,
    anchor: Pos2,
    free: Rect,
    obstacles: &[Rect],
    held: Option<Pos2>,
) -> Option<Rect> {
    let clear = |rect: &Rect| {
        free.contains_rect(*rect) && !rect.intersects(covers) && !obstacles.iter().any(|other| rect.intersects(*other))
    };
    let at = |min: Pos2| Rect::from_min_size(min, size);
    // Slid along the side of the part until it is inside.
    let y = |y: f32| y.clamp(free.top(), (free.bottom() - size.y).max(free.top()));
    let x = |x: f32| x.clamp(free.left(), (free.right() - size.x).max(free.left()));
    let beside = [
        pos2(covers.right() + AWAY, y(anchor.y - size.y * 0.5)),
        pos2(covers.left() - AWAY - size.x, y(anchor.y - size.y * 0.5)),
        pos2(covers.right() + AWAY, y(covers.top() - size.y)),
        pos2(covers.left() - AWAY - size.x, y(covers.top() - size.y)),
        pos2(x(anchor.x - size.x * 0.5), covers.top() - AWAY - size.y),
        pos2(x(anchor.x - size.x * 0.5), covers.bottom() + AWAY),
    ];
    let near = |rect: &Rect| rect.distance_to_pos(anchor) < 420.0;
    let held = held.map(at).filter(|rect| clear(rect) && near(rect));
    held.or_else(|| beside.map(at).into_iter().find(clear)).or_else(|| {
        // Corners of what is free, and of what is beside or below something else.
        let steps = |low: f32, high: f32, ends: &mut dyn Iterator<Item = f32>| {
            [low, high].into_iter().chain(ends.map(|end| end.clamp(low, high))).collect::<Vec<f32>>()
        };
        let (low, high) = (free.min, pos2(x(free.right()), y(free.bottom())));
        let gap = 8.0;
        let columns =
            steps(low.x, high.x, &mut obstacles.iter().flat_map(|o| [o.right() + gap, o.left() - gap - size.x]));
        let rows = steps(low.y, high.y, &mut obstacles.iter().flat_map(|o| [o.bottom() + gap, o.top() - gap - size.y]));
        let places = columns.iter().flat_map(|&x| rows.iter().map(move |&y| at(pos2(x, y))));
        let free_of = |rect: &Rect| free.contains_rect(*rect) && !obstacles.iter().any(|other| rect.intersects(*other));
        let far = |rect: &Rect| rect.distance_to_pos(anchor);
        places.filter(free_of).max_by(|a, b| far(a).total_cmp(&far(b)))
    })
}

/// The words of a card, laid out.
struct Rows {
    name: Arc<Galley>,
    words: Arc<Galley>,
    alarms: Vec<Arc<Galley>>,
    values: Vec<[Arc<Galley>; 3]>,
    /// Width of the column of ages.
    ages: f32,
    more: Option<Arc<Galley>>,
    life: Option<[Arc<Galley>; 2]>,
    note: Option<Arc<Galley>>,
    height: f32,
}

impl Rows {
    fn lay(painter: &Painter, kit: &Kit, view: &CardView) -> Self {
        let room = WIDTH - 2.0 * PAD;
        let name = line(painter, &view.name, bold(14.0), kit.text(), room - 20.0);
        let words = line(painter, &view.words, font(12.0), kit.quiet(), room - 20.0);
        let alarm = |(severity, what): &(_, String)| {
            line(painter, what, font(12.0), colour(kit.theme.state_text(*severity)), room - 20.0)
        };
        let value = |value: &CardValue| {
            let tint = match (value.usable, value.severity) {
                (false, _) => kit.quiet(),
                (true, twinscope_twin::severity::Severity::Normal) => kit.text(),
                (true, severity) => colour(kit.theme.state_text(severity)),
            };
            let figure = crate::view::words::join_unit(&value.figure, &value.unit);
            let figure = line(painter, &figure, bold(13.0), tint, room * 0.36);
            let age = line(painter, &value.age, font(11.0), kit.faint(), room * 0.3);
            [figure, age]
        };
        let values: Vec<_> = view.values.iter().map(value).collect();
        // As much for the ages as they need, and for each name what is left.
        let ages = values.iter().map(|[_, age]| age.size().x).fold(0.0, f32::max) + GAP;
        let values = view.values.iter().zip(values).map(|(value, [figure, age])| {
            let mark = if value.mark.is_some() { MARK } else { GAP };
            let left = room - ages - figure.size().x - mark;
            [line(painter, &value.name, font(12.0), kit.quiet(), left), figure, age]
        });
        let life = view.life.as_ref().map(|life| {
            let tint = if life.usable() { kit.text() } else { kit.faint() };
            [
                line(painter, &format!("Life {}", life.text), font(12.0), tint, room),
                line(painter, &life.caveat, font(11.0), kit.faint(), room),
            ]
        });
        let more = (view.more > 0).then(|| {
            let said = crate::view::words::plural(view.more as u64, "more value", "more values");
            line(painter, &said, font(11.0), kit.faint(), room)
        });
        let note = view.note.as_ref().map(|note| wrapped(painter, note, font(12.0), kit.quiet(), room));
        let mut rows = Self {
            name,
            words,
            alarms: view.alarms.iter().map(alarm).collect(),
            values: values.collect(),
            ages,
            more,
            life,
            note,
            height: 0.0,
        };
        rows.height = 2.0 * PAD + 36.0 + LINE * (rows.alarms.len() + rows.values.len()) as f32;
        rows.height += if rows.alarms.len() + rows.values.len() > 0 { 6.0 } else { 0.0 };
        rows.height += rows.more.as_ref().map_or(0.0, |_| 15.0);
        rows.height += rows
            .life
            .as_ref()
            .map_or(0.0, |[_, caveat]| 6.0 + LINE + BAR + if caveat.text().is_empty() { 0.0 } else { 14.0 });
        rows.height += rows.note.as_ref().map_or(0.0, |note| 4.0 + note.size().y);
        rows
    }

    fn paint(&self, painter: &Painter, kit: &Kit, view: &CardView, rect: Rect) {
        glass(painter, kit, rect);
        let left = rect.left() + PAD;
        let right = rect.right() - PAD;
        let put = |galley: &Arc<Galley>, x: f32, y: f32| {
            painter.galley(pos2(x, middle(y, galley)), Arc::clone(galley), kit.text());
        };
        let mut y = rect.top() + PAD + 8.0;
        mark(painter, kit, pos2(left + 6.0, y), 5.6, view.mark);
        put(&self.name, left + 20.0, y);
        put(&self.words, left + 20.0, y + 18.0);
        y += 36.0 + if self.alarms.len() + self.values.len() > 0 { 6.0 } else { 0.0 };
        for ((severity, _), said) in view.alarms.iter().zip(&self.alarms) {
            mark(painter, kit, pos2(left + 6.0, y), 4.6, Mark::state(*severity));
            put(said, left + 20.0, y);
            y += LINE;
        }
        for (value, [name, figure, age]) in view.values.iter().zip(&self.values) {
            put(name, left, y);
            put(age, right - age.size().x, y);
            let end = right - self.ages;
            put(figure, end - figure.size().x, y);
            if let Some(quality) = value.mark {
                mark(painter, kit, pos2(end - figure.size().x - 10.0, y), 4.4, quality);
            }
            y += LINE;
        }
        if let Some(more) = &self.more {
            put(more, left, y - 1.0);
            y += 15.0;
        }
        if let (Some(life), Some([text, caveat])) = (&view.life, &self.life) {
            y += 6.0;
            put(text, left, y);
            y += LINE - 4.0;
            if let Some(bar) = &life.bar {
                let place = Rect::from_min_max(pos2(left, y - 4.0), pos2(right - 6.0, y + 4.0));
                spread_bar(painter, kit, place, bar, Belief::of(life));
            }
            y += BAR;
            if !caveat.text().is_empty() {
                put(caveat, left, y);
                y += 14.0;
            }
        }
        if let Some(note) = &self.note {
            painter.galley(pos2(left, y - 4.0), Arc::clone(note), kit.quiet());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FREE: Rect = Rect { min: Pos2 { x: 0.0, y: 0.0 }, max: Pos2 { x: 1000.0, y: 700.0 } };

    fn part(x: f32, y: f32, half: f32) -> Rect {
        Rect::from_center_size(pos2(x, y), vec2(2.0 * half, 2.0 * half))
    }

    #[test]
    fn a_card_covers_neither_its_part_nor_what_is_there_already() {
        let size = vec2(276.0, 140.0);
        let obstacles = [Rect::from_min_max(pos2(860.0, 0.0), pos2(1000.0, 160.0))];
        for (x, y) in [(500.0, 350.0), (20.0, 20.0), (980.0, 680.0), (900.0, 100.0), (500.0, 10.0)] {
            let covers = part(x, y, 60.0);
            let at = place(size, covers, covers.center(), FREE, &obstacles, None).unwrap();
            assert!(FREE.contains_rect(at) && !at.intersects(covers) && !at.intersects(obstacles[0]), "{x} {y}: {at}");
        }
    }

    #[test]
    fn a_card_stays_where_it_is_while_its_part_turns() {
        let size = vec2(276.0, 140.0);
        let covers = part(400.0, 350.0, 50.0);
        let first = place(size, covers, covers.center(), FREE, &[], None).unwrap();
        let turned = part(410.0, 335.0, 52.0);
        assert_eq!(place(size, turned, turned.center(), FREE, &[], Some(first.min)), Some(first));
        // Until the part comes under it.
        let under = part(first.center().x, first.center().y, 50.0);
        assert_ne!(place(size, under, under.center(), FREE, &[], Some(first.min)), Some(first));
    }

    #[test]
    fn a_part_that_fills_the_view_has_its_card_in_a_corner() {
        let at = place(vec2(276.0, 140.0), FREE.expand(50.0), pos2(100.0, 100.0), FREE, &[], None);
        assert_eq!(at.unwrap().max, FREE.max);
    }

    #[test]
    fn a_card_is_beside_what_stands_in_the_corners() {
        // The tools and the notices on the left, a panel below the compass on the right, the legend below all.
        let obstacles = [
            [0.0, 0.0, 60.0, 400.0],
            [70.0, 0.0, 400.0, 90.0],
            [640.0, 0.0, 1000.0, 560.0],
            [0.0, 640.0, 1000.0, 700.0],
        ]
        .map(|[left, top, right, bottom]| Rect::from_min_max(pos2(left, top), pos2(right, bottom)));
        let at = place(vec2(276.0, 140.0), FREE.expand(50.0), pos2(500.0, 350.0), FREE, &obstacles, None).unwrap();
        assert!(FREE.contains_rect(at) && !obstacles.iter().any(|other| at.intersects(*other)), "{at}");
    }

    #[test]
    fn there_is_no_card_where_it_would_cover_something_else_everywhere() {
        let panel = Rect::from_min_max(pos2(200.0, 0.0), pos2(1000.0, 700.0));
        assert_eq!(place(vec2(276.0, 140.0), FREE.expand(50.0), pos2(100.0, 350.0), FREE, &[panel], None), None);
    }
}
