//! Labels on parts, with a line that leads to each. Where they stand is decided in [`crate::view::labels`].

use egui::{
    Area, Context, Id, LayerId, Order, Painter, Pos2, Rect, Sense, Stroke, StrokeKind, WidgetInfo, WidgetType, pos2,
    vec2,
};

use twinscope_twin::command::Command;

use super::paint::{line, mark, middle};
use super::spread::{Belief, spread_bar};
use super::style::{Kit, bold, colour, font};
use crate::view::UiAction;
use crate::view::labels::{Box2, LabelView, place};

const HEIGHT: f32 = 26.0;

/// What a line with the remaining life adds to it.
const LIFE: f32 = 26.0;

/// What a line with a crack adds to it, or what is said beside it.
const CRACK: f32 = 18.0;

/// Paints the labels into the free rectangle, clear of `obstacles`; where they are. `kept`: see [`place`].
pub fn labels_ui(
    ctx: &Context,
    kit: &Kit,
    labels: &[LabelView],
    free: Rect,
    (obstacles, kept): (&[Rect], usize),
    actions: &mut Vec<UiAction>,
) -> Vec<Rect> {
    let mut taken = Vec::with_capacity(labels.len());
    if labels.is_empty() {
        return taken;
    }
    let leaders = Painter::new(ctx.clone(), LayerId::new(Order::Background, Id::new("label leaders")), free);
    let measured: Vec<_> = labels
        .iter()
        .map(|label| {
            let name = line(&leaders, &label.name, font(13.0), kit.text(), 180.0);
            let tint = figure_tint(kit, label);
            let figure = line(&leaders, &label.figure, bold(13.0), tint, 180.0);
            let gap = if label.figure.is_empty() { 0.0 } else { 8.0 };
            let width = 26.0 + name.size().x + gap + figure.size().x + 10.0;
            let life = label.life.as_ref().map(|(plan, life)| {
                let said = match plan {
                    Some(plan) => format!("{plan}: {}", life.text),
                    None => life.text.clone(),
                };
                let tint = if life.usable() { kit.text() } else { kit.faint() };
                line(&leaders, &said, font(12.0), tint, 240.0)
            });
            let crack: Vec<_> = label
                .crack
                .iter()
                .flat_map(|crack| {
                    let tint = if crack.usable { kit.text() } else { kit.faint() };
                    [(&crack.text, tint), (&crack.caveat, kit.quiet())]
                })
                .filter(|(said, _)| !said.is_empty())
                .map(|(said, tint)| line(&leaders, said, font(12.0), tint, 420.0))
                .collect();
            let mut size = vec2(width, HEIGHT);
            for (said, height) in life.iter().map(|said| (said, LIFE)).chain(crack.iter().map(|said| (said, CRACK))) {
                size = vec2(size.x.max(said.size().x + 20.0), size.y + height);
            }
            (name, figure, gap, (life, crack), size)
        })
        .collect();
    let inside: Vec<_> = labels
        .iter()
        .zip(&measured)
        .enumerate()
        .filter(|(_, (label, _))| free.contains(Pos2::from(label.pos)))
        .map(|(i, (label, (.., size)))| (i, (label.pos, [size.x, size.y])))
        .collect();
    let boxes: Vec<_> = inside.iter().map(|(_, b)| *b).collect();
    let obstacles: Vec<Box2> = obstacles.iter().map(|rect| to_box(*rect)).collect();
    let placed = place(&boxes, to_box(free.shrink(8.0)), &obstacles, kept);
    for ((index, _), at) in inside.iter().zip(placed) {
        let (Some(at), Some(label), Some((name, figure, gap, (life, crack), _))) =
            (at, labels.get(*index), measured.get(*index))
        else {
            continue;
        };
        let rect = Rect::from_min_max(pos2(at.left, at.top), pos2(at.right, at.bottom));
        leader(&leaders, kit, label, rect);
        taken.push(rect);
        let area = Area::new(Id::new(("twinscope label", label.part)))
            .fixed_pos(rect.min)
            .default_size(rect.size())
            .order(Order::Middle)
            .constrain(false)
            .movable(false)
            .fade_in(false);
        area.show(ctx, |ui| {
            ui.set_clip_rect(free);
            let response = ui.allocate_rect(rect, Sense::click());
            response.widget_info(|| {
                WidgetInfo::labeled(
                    WidgetType::Button,
                    true,
                    format!(
                        "{} {} {}{}{}",
                        label.name,
                        label.mark.words(),
                        label.figure,
                        life_words(label),
                        label
                            .crack
                            .as_ref()
                            .map(|crack| format!(", {} {}", crack.text, crack.caveat))
                            .unwrap_or_default()
                    ),
                )
            });
            let painter = ui.painter();
            let edge = match (label.selected, label.hovered || response.hovered()) {
                (true, _) => Stroke::new(1.5, kit.accent()),
                (false, true) => Stroke::new(1.0, kit.quiet()),
                (false, false) => Stroke::new(1.0, kit.line()),
            };
            painter.rect(rect, 6, kit.glass(), edge, StrokeKind::Inside);
            let y = rect.top() + HEIGHT / 2.0;
            mark(painter, kit, pos2(rect.left() + 14.0, y), 5.2, label.mark);
            let mut x = rect.left() + 26.0;
            painter.galley(pos2(x, middle(y, name)), name.clone(), kit.text());
            x += name.size().x + gap;
            painter.galley(pos2(x, middle(y, figure)), figure.clone(), kit.text());
            if let (Some((_, view)), Some(said)) = (&label.life, life) {
                let y = rect.top() + HEIGHT + 4.0;
                painter.galley(pos2(rect.left() + 10.0, middle(y, said)), said.clone(), kit.text());
                let place = Rect::from_min_max(pos2(rect.left() + 10.0, y + 9.0), pos2(rect.right() - 15.0, y + 17.0));
                if let Some(bar) = &view.bar {
                    spread_bar(painter, kit, place, bar, Belief::of(view));
                }
            }
            for (row, said) in crack.iter().rev().enumerate() {
                let y = rect.bottom() - 3.0 - CRACK * (row as f32 + 0.5);
                painter.galley(pos2(rect.left() + 10.0, middle(y, said)), said.clone(), kit.text());
            }
            if response.clicked() {
                actions.push(UiAction::Command(Command::Select(Some(label.part))));
            }
            if response.double_clicked() {
                actions.push(UiAction::FlyTo(label.part));
            }
        });
    }
    taken
}

/// The remaining life for those who hear the label.
fn life_words(label: &LabelView) -> String {
    label.life.as_ref().map_or_else(String::new, |(plan, life)| {
        let plan = plan.as_ref().map(|plan| format!(" under plan {plan}")).unwrap_or_default();
        let caveat = if life.caveat.is_empty() { String::new() } else { format!(", {}", life.caveat) };
        format!(", remaining life{plan} {}{caveat}", life.text)
    })
}

fn figure_tint(kit: &Kit, label: &LabelView) -> egui::Color32 {
    use twinscope_twin::quality::Quality;
    match label.mark.quality {
        Quality::Good | Quality::Uncertain if label.alarmed => colour(kit.theme.state_text(label.mark.severity)),
        Quality::Good | Quality::Uncertain => kit.text(),
        Quality::Stale | Quality::Bad | Quality::NoData => kit.quiet(),
    }
}

/// The line from a label's nearest edge to its part, with a small ring at the part.
fn leader(painter: &Painter, kit: &Kit, label: &LabelView, rect: Rect) {
    let part = Pos2::from(label.pos);
    let from = pos2(
        if part.x < rect.left() {
            rect.left()
        } else if part.x > rect.right() {
            rect.right()
        } else {
            part.x
        },
        if part.y < rect.top() {
            rect.top()
        } else if part.y > rect.bottom() {
            rect.bottom()
        } else {
            rect.center().y
        },
    );
    let tint = if label.selected { kit.accent() } else { kit.text().gamma_multiply(0.65) };
    let towards = (part - from).normalized();
    let shadow = egui::Color32::from_black_alpha(90);
    // Around a crack the ring is wide and empty: what is in it is to be seen.
    let (ring, fill) = if label.crack.is_some() { (11.0, egui::Color32::TRANSPARENT) } else { (3.5, shadow) };
    painter.line_segment([from, part - towards * ring], Stroke::new(3.0, shadow));
    painter.line_segment([from, part - towards * ring], Stroke::new(1.2, tint));
    painter.circle(part, ring, fill, Stroke::new(1.2, tint));
}

pub(super) fn to_box(rect: Rect) -> Box2 {
    Box2 { left: rect.left(), top: rect.top(), right: rect.right(), bottom: rect.bottom() }
}
