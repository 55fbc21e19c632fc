//! A spread as a bar: the band, the median in it, and where it goes on beyond what was looked at. Hollow for a figure that
//! is not of this machine, faint for one that must not be used any more.

use egui::{Align2, Painter, Rect, Sense, Shape, Stroke, StrokeKind, Ui, pos2, vec2};

use super::paint::text;
use super::style::{Kit, font};
use crate::view::lives::LifeView;
use crate::view::spread::Bar;

/// How far a spread can be believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Belief {
    /// Of this machine.
    Own,
    /// Of its kind.
    Generic,
    /// Not to be used any more, or not stood behind.
    Doubtful,
}

impl Belief {
    /// Of a life.
    #[must_use]
    pub const fn of(life: &LifeView) -> Self {
        match (life.usable(), life.generic) {
            (false, _) => Self::Doubtful,
            (true, true) => Self::Generic,
            (true, false) => Self::Own,
        }
    }
}

/// Paints the bar into a rectangle: its height is that of the median's mark.
pub fn spread_bar(painter: &Painter, kit: &Kit, rect: Rect, bar: &Bar, belief: Belief) {
    if rect.width() < 8.0 {
        return;
    }
    let tint = if belief == Belief::Doubtful { kit.faint() } else { kit.quiet() };
    let y = rect.center().y;
    let x = |place: f32| rect.left() + place * rect.width();
    let track = Rect::from_min_max(pos2(rect.left(), y - 1.0), pos2(rect.right(), y + 1.0));
    painter.rect_filled(track, 1, kit.line());
    let half = (rect.height() * 0.3).clamp(2.0, 4.0);
    // A band narrower than a mark can be seen is widened to one.
    let (mut low, mut high) = (x(bar.low), x(bar.high));
    if high - low < 3.0 {
        let middle = ((low + high) / 2.0).clamp(rect.left() + 1.5, rect.right() - 1.5);
        (low, high) = (middle - 1.5, middle + 1.5);
    }
    let band = Rect::from_min_max(pos2(low, y - half), pos2(high, y + half));
    match belief {
        Belief::Generic => {
            painter.rect(band, half, kit.panel(), Stroke::new(1.0, tint), StrokeKind::Inside);
        }
        Belief::Own | Belief::Doubtful => {
            painter.rect_filled(band, half, tint.gamma_multiply(0.75));
        }
    }
    if let Some((low, high)) = bar.raw {
        let under = band.bottom() + 1.5;
        painter.hline(x(low)..=x(high).max(x(low) + 2.0), under, Stroke::new(1.0, kit.faint()));
    }
    if bar.open {
        let tip = (band.right() + 5.0).min(rect.right() + 5.0);
        let corners = vec![pos2(tip - 4.0, y - half), pos2(tip, y), pos2(tip - 4.0, y + half)];
        painter.add(Shape::line(corners, Stroke::new(1.2, tint)));
    }
    if let Some(mid) = bar.mid {
        let strong = if belief == Belief::Doubtful { kit.faint() } else { kit.text() };
        let mark = Rect::from_center_size(
            pos2(x(mid).clamp(rect.left() + 1.0, rect.right() - 1.0), y),
            vec2(2.0, rect.height()),
        );
        painter.rect_filled(mark, 1, strong);
    }
}

/// The bar with the figures of its axis below, in the flow of a panel.
pub fn spread_ui(ui: &mut Ui, kit: &Kit, bar: &Bar, belief: Belief, said: &str) {
    let width = ui.available_width();
    let (rect, response) = ui.allocate_exact_size(vec2(width, 30.0), Sense::hover());
    let line = Rect::from_min_max(pos2(rect.left(), rect.top() + 1.0), pos2(rect.right() - 6.0, rect.top() + 13.0));
    spread_bar(ui.painter(), kit, line, bar, belief);
    axis(ui.painter(), kit, line, &bar.ticks);
    response.on_hover_text(said);
}

/// Figures below an axis.
pub fn axis(painter: &Painter, kit: &Kit, line: Rect, ticks: &[(f32, String)]) {
    let mut end = f32::NEG_INFINITY;
    for (place, said) in ticks {
        let x = line.left() + place * line.width();
        let align = match *place {
            p if p <= 0.02 => Align2::LEFT_TOP,
            p if p >= 0.98 => Align2::RIGHT_TOP,
            _ => Align2::CENTER_TOP,
        };
        let galley = super::paint::line(painter, said, font(11.0), kit.faint(), 90.0);
        let left = align.anchor_size(pos2(x, 0.0), galley.size()).left();
        if left < end + 4.0 {
            continue;
        }
        painter.vline(
            x.clamp(line.left() + 0.5, line.right() - 0.5),
            line.bottom() - 1.0..=line.bottom() + 2.0,
            Stroke::new(1.0, kit.line()),
        );
        let at = text(painter, pos2(x, line.bottom() + 3.0), align, said, font(11.0), kit.faint(), 90.0);
        end = at.right();
    }
}
