//! Walking: the button, the keys, and what lies over the picture while somebody walks: crosshair, the card of the part
//! ahead, the map of the storey, height and comfort, the stick for fingers.

use egui::{
    Align2, Color32, Context, CornerRadius, Id, Key, LayerId, Mesh, Modifiers, Order, Painter, Popup,
    PopupCloseBehavior, Pos2, Rect, Sense, Shape, Stroke, StrokeKind, Ui, Vec2, WidgetInfo, WidgetType, pos2, vec2,
};
use egui_phosphor::regular as icon;

use super::field::row;
use super::fields::switch;
use super::paint::{area, glass, icon_button, icon_button_at, line, mark, text};
use super::style::{Kit, bold, font};
use crate::view::walk::{Card, WalkAction, WalkView};
use crate::view::{AppView, UiAction, UiState};

/// Space between the edge of the scene and what lies over it.
const MARGIN: f32 = 14.0;
/// Height of what stands above a walk.
pub const TOP: f32 = 36.0;
/// Side of the map, points, and how far it shows around the walker, m.
const MAP: f32 = 216.0;
const REACH_M: f32 = 9.0;
/// Below the map stands whether the machines are simulated.
const RIBBON: f32 = 34.0;
/// Size of the card.
const CARD: f32 = 260.0;

fn act(actions: &mut Vec<UiAction>, action: WalkAction) {
    actions.push(UiAction::Walk(action));
}

/// The button in the bar, and the places where one may begin.
pub fn menu_ui(ui: &mut Ui, kit: &Kit, view: &AppView, state: &UiState, actions: &mut Vec<UiAction>) {
    let button = icon_button(ui, kit, icon::PERSON_SIMPLE_WALK, "Walk (W)", state.walk.on);
    Popup::menu(&button).close_behavior(PopupCloseBehavior::CloseOnClick).show(|ui| {
        ui.spacing_mut().item_spacing.y = 0.0;
        for (place, start) in view.site.starts.iter().enumerate() {
            if row(ui, kit, &start.name, "Walk from here", false) {
                act(actions, WalkAction::Enter(Some(place)));
            }
        }
        if view.site.starts.is_empty() && row(ui, kit, "Before the machine", "Walk from here", false) {
            act(actions, WalkAction::Enter(None));
        }
        if state.walk.on && row(ui, kit, "Leave the walk", "Back to where the view was (Esc)", false) {
            act(actions, WalkAction::Leave);
        }
    });
}

/// `W` begins a walk. While one goes on, all other letters are for walking.
pub fn keys(ctx: &Context, actions: &mut Vec<UiAction>) {
    if ctx.input_mut(|input| input.consume_key(Modifiers::NONE, Key::W)) {
        act(actions, WalkAction::Enter(None));
    }
}

/// All of it over the free rectangle, what stands above it between `left` and `right`; gives the places that it takes.
pub fn walk_ui(
    ctx: &Context,
    kit: &Kit,
    walk: &WalkView,
    free: Rect,
    [left, right]: [f32; 2],
    state: &mut UiState,
    actions: &mut Vec<UiAction>,
) -> Vec<Rect> {
    let painter = Painter::new(ctx.clone(), LayerId::new(Order::Background, Id::new("walk")), free);
    if state.walk.vignette && walk.place.moves {
        vignette(&painter, free);
    }
    crosshair(&painter, free.center(), walk.card.is_some());
    if free.width() < 420.0 || free.height() < 260.0 {
        return Vec::new();
    }
    let map = map_ui(ctx, kit, walk, free, actions);
    let width = 600.0_f32.min(right - left).max(220.0);
    let top = pos2((left + right - width) / 2.0, free.top() + MARGIN);
    let top = Rect::from_min_size(top, vec2(width, TOP));
    top_ui(ctx, kit, walk, top, state, actions);
    let mut taken = vec![top, map];
    taken.extend(walk.card.as_ref().map(|card| card_ui(&painter, kit, card, free, map)));
    stick_ui(ctx, kit, free, state);
    taken
}

/// The border dark, the middle clear: what slides past at the edge is what makes people sick (Fernandes and Feiner 2016).
fn vignette(painter: &Painter, free: Rect) {
    const STEPS: u32 = 40;
    let (inner, outer) = (free.size() * 0.34, free.size() * 0.72);
    let mut mesh = Mesh::default();
    for k in 0..=STEPS {
        let angle = std::f32::consts::TAU * k as f32 / STEPS as f32;
        let way = Vec2::angled(angle);
        mesh.colored_vertex(free.center() + way * inner, Color32::TRANSPARENT);
        mesh.colored_vertex(free.center() + way * outer, Color32::from_black_alpha(235));
        if k > 0 {
            let at = 2 * (k - 1);
            mesh.add_triangle(at, at + 1, at + 2);
            mesh.add_triangle(at + 1, at + 3, at + 2);
        }
    }
    painter.add(Shape::mesh(mesh));
}

/// Light on a dark edge: seen before anything.
fn crosshair(painter: &Painter, at: Pos2, on: bool) {
    let r = if on { 4.0 } else { 2.5 };
    painter.circle_stroke(at, r + 1.0, Stroke::new(1.0, Color32::from_black_alpha(140)));
    painter.circle_stroke(at, r, Stroke::new(1.4, Color32::from_white_alpha(220)));
}

/// The part ahead, beside the crosshair and clear of the map.
fn card_ui(painter: &Painter, kit: &Kit, card: &Card, free: Rect, map: Rect) -> Rect {
    const ROW: f32 = 20.0;
    let rows = card.values.len() + usize::from(card.more > 0);
    let height = 50.0 + ROW * rows as f32 + if rows > 0 { 8.0 } else { 0.0 };
    let left = (free.center().x + 28.0).min(free.right() - CARD - MARGIN);
    let mut rect = Rect::from_min_size(pos2(left, free.center().y + 20.0), vec2(CARD, height));
    if rect.intersects(map.expand(8.0)) {
        // Above the crosshair instead.
        rect = rect.translate(vec2(0.0, free.center().y - 20.0 - rect.bottom()));
    }
    glass(painter, kit, rect);
    mark(painter, kit, rect.min + vec2(18.0, 19.0), 5.4, card.mark);
    let x = rect.left() + 32.0;
    text(painter, pos2(x, rect.top() + 19.0), Align2::LEFT_CENTER, &card.name, bold(14.0), kit.text(), CARD - 44.0);
    let told = if card.asset.is_empty() { card.told.clone() } else { format!("{} · {}", card.told, card.asset) };
    text(painter, pos2(x, rect.top() + 37.0), Align2::LEFT_CENTER, &told, font(12.0), kit.quiet(), CARD - 44.0);
    let mut y = rect.top() + 62.0;
    for [name, figure, age] in &card.values {
        text(painter, pos2(rect.left() + 14.0, y), Align2::LEFT_CENTER, name, font(12.0), kit.quiet(), 96.0);
        text(painter, pos2(rect.left() + 172.0, y), Align2::RIGHT_CENTER, figure, font(13.0), kit.text(), 70.0);
        text(painter, pos2(rect.right() - 12.0, y), Align2::RIGHT_CENTER, age, font(12.0), kit.faint(), 76.0);
        y += ROW;
    }
    if card.more > 0 {
        let more = format!("{} more", card.more);
        text(painter, pos2(rect.left() + 14.0, y), Align2::LEFT_CENTER, &more, font(12.0), kit.faint(), CARD);
    }
    rect
}

/// Height, keys, comfort, and the way out, above.
fn top_ui(ctx: &Context, kit: &Kit, walk: &WalkView, rect: Rect, state: &mut UiState, actions: &mut Vec<UiAction>) {
    area(ctx, "walk top", rect, Order::Middle, |ui| {
        glass(ui.painter(), kit, rect);
        let at = pos2(rect.left() + 14.0, rect.center().y);
        let height = text(ui.painter(), at, Align2::LEFT_CENTER, &walk.height, bold(13.0), kit.text(), 100.0);
        let hint = pos2(height.right() + 12.0, rect.center().y);
        let room = rect.right() - 78.0 - hint.x;
        text(ui.painter(), hint, Align2::LEFT_CENTER, walk.hint, font(12.0), kit.quiet(), room);
        let button =
            |k: f32| Rect::from_center_size(pos2(rect.right() - 20.0 - 32.0 * k, rect.center().y), vec2(30.0, 28.0));
        let sheet = ui.interact(button(1.0), ui.id().with("sheet"), Sense::click());
        if icon_button_at(ui, kit, button(1.0), sheet, icon::PERSON, "Height and comfort", state.walk.sheet_open)
            .clicked()
        {
            state.walk.sheet_open = !state.walk.sheet_open;
        }
        let leave = ui.interact(button(0.0), ui.id().with("leave"), Sense::click());
        if icon_button_at(ui, kit, button(0.0), leave, icon::SIGN_OUT, "Leave the walk (Esc)", false).clicked() {
            act(actions, WalkAction::Leave);
        }
    });
    if state.walk.sheet_open {
        let sheet = Rect::from_min_size(pos2(rect.right() - 280.0, rect.bottom() + 6.0), vec2(280.0, 176.0));
        area(ctx, "walk sheet", sheet, Order::Middle, |ui| {
            ui.interact(sheet, ui.id().with("ground"), Sense::click_and_drag());
            glass(ui.painter(), kit, sheet);
            let mut inner = ui.new_child(egui::UiBuilder::new().max_rect(sheet.shrink(14.0)));
            sheet_ui(&mut inner, kit, state);
        });
    }
}

fn sheet_ui(ui: &mut Ui, kit: &Kit, state: &mut UiState) {
    let walk = &mut state.walk;
    ui.spacing_mut().item_spacing.y = 8.0;
    ui.spacing_mut().slider_width = 120.0;
    let name = |ui: &mut Ui, word: &str| {
        let (rect, _) = ui.allocate_exact_size(vec2(112.0, 22.0), Sense::hover());
        text(ui.painter(), rect.left_center(), Align2::LEFT_CENTER, word, font(13.0), kit.text(), 112.0);
    };
    ui.horizontal(|ui| {
        name(ui, "Height of the eyes");
        let slider = egui::Slider::new(&mut walk.eyes_m, 1.4..=2.0).step_by(0.01).suffix(" m").trailing_fill(true);
        ui.add(slider).widget_info(|| WidgetInfo::labeled(WidgetType::Slider, true, "Height of the eyes"));
    });
    ui.horizontal(|ui| {
        name(ui, "Field of view");
        let slider = egui::Slider::new(&mut walk.fov_deg, 40.0..=90.0).step_by(1.0).suffix("°").trailing_fill(true);
        ui.add(slider).widget_info(|| WidgetInfo::labeled(WidgetType::Slider, true, "Field of view"));
    });
    ui.horizontal(|ui| {
        name(ui, "Turn in steps");
        if switch(ui, kit, "Turn in steps", walk.snap, true) {
            walk.snap = !walk.snap;
        }
    });
    ui.horizontal(|ui| {
        name(ui, "Dark border");
        if switch(ui, kit, "Dark border while moving", walk.vignette, true) {
            walk.vignette = !walk.vignette;
        }
    });
}

/// The storey from above, north up, the walker in the middle. A click goes there.
fn map_ui(ctx: &Context, kit: &Kit, walk: &WalkView, free: Rect, actions: &mut Vec<UiAction>) -> Rect {
    let side = MAP.min(free.height() * 0.36);
    let corner = free.max - vec2(MARGIN, MARGIN + RIBBON);
    let rect = Rect::from_min_max(corner - Vec2::splat(side), corner);
    area(ctx, "walk map", rect, Order::Middle, |ui| {
        let response = ui.interact(rect, ui.id().with("map"), Sense::click());
        response.widget_info(|| WidgetInfo::labeled(WidgetType::Button, true, "Map of the storey"));
        glass(ui.painter(), kit, rect);
        let inside = rect.shrink(3.0);
        let painter = ui.painter().with_clip_rect(inside);
        let scale = inside.width() / (2.0 * REACH_M);
        let [x, _, z] = walk.place.feet;
        let to = |[px, pz]: [f32; 2]| inside.center() + vec2(px - x, pz - z) * scale;
        let mut floors = Mesh::default();
        for triangle in &walk.storey.floors {
            let first = floors.vertices.len() as u32;
            for corner in triangle {
                floors.colored_vertex(to(*corner), kit.raised());
            }
            floors.add_triangle(first, first + 1, first + 2);
        }
        painter.add(Shape::mesh(floors));
        for line in &walk.storey.outlines {
            let points: Vec<Pos2> = line.iter().map(|point| to(*point)).collect();
            painter.add(Shape::line(points, Stroke::new(1.0, kit.quiet())));
        }
        for ladder in &walk.storey.ladders {
            let at = to(*ladder);
            painter.rect_stroke(
                Rect::from_center_size(at, vec2(8.0, 8.0)),
                CornerRadius::same(1),
                Stroke::new(1.2, kit.text()),
                StrokeKind::Middle,
            );
            painter.hline(at.x - 4.0..=at.x + 4.0, at.y, Stroke::new(1.2, kit.text()));
        }
        // Starts one above the other have one name here: they are told in the menu.
        let mut named: Vec<Rect> = Vec::new();
        for (name, place) in &walk.starts {
            let at = to(*place);
            if !inside.contains(at) {
                continue;
            }
            painter.circle_stroke(at, 4.0, Stroke::new(1.2, kit.accent()));
            let said = line(&painter, name, font(12.0), kit.quiet(), inside.width() - 24.0);
            let right = at.x + 8.0 + said.size().x <= inside.right() - 4.0;
            let left = if right { at.x + 8.0 } else { (at.x - 8.0 - said.size().x).max(inside.left() + 4.0) };
            // Where there is no room beside it, below.
            let beside = right || left + said.size().x <= at.x - 7.0;
            let top = if beside { at.y - said.size().y / 2.0 } else { at.y + 6.0 };
            let words = Rect::from_min_size(pos2(left, top), said.size());
            if !named.iter().any(|other| other.intersects(words)) {
                painter.galley(words.min, said, kit.quiet());
                named.push(words);
            }
        }
        // Clockwise from north: up on the map.
        let ahead = Vec2::angled((walk.place.heading_deg - 90.0).to_radians());
        let aside = ahead.rot90();
        let at = inside.center();
        let arrow =
            vec![at + ahead * 9.0, at - ahead * 6.0 + aside * 5.5, at - ahead * 3.0, at - ahead * 6.0 - aside * 5.5];
        painter.add(Shape::convex_polygon(arrow, kit.accent(), Stroke::NONE));
        text(&painter, inside.center_top() + vec2(0.0, 9.0), Align2::CENTER_CENTER, "N", font(12.0), kit.quiet(), 20.0);
        if response.clicked()
            && let Some(at) = response.interact_pointer_pos()
        {
            let way = (at - inside.center()) / scale;
            act(actions, WalkAction::Teleport([x + way.x, z + way.y]));
        }
        response.on_hover_text("Click to go there");
    });
    rect
}

/// A stick for fingers, once one has touched the screen: forward and back, and turning.
fn stick_ui(ctx: &Context, kit: &Kit, free: Rect, state: &mut UiState) {
    let id = Id::new("walk touched");
    let touched = ctx.input(|input| input.any_touches()) || ctx.data(|data| data.get_temp(id)).unwrap_or(false);
    state.walk.stick = [0.0; 2];
    if !touched {
        return;
    }
    ctx.data_mut(|data| data.insert_temp(id, true));
    let radius = 58.0;
    let rect =
        Rect::from_center_size(pos2(free.left() + 260.0, free.bottom() - MARGIN - radius), Vec2::splat(2.0 * radius));
    area(ctx, "walk stick", rect, Order::Middle, |ui| {
        let response = ui.interact(rect, ui.id().with("stick"), Sense::drag());
        response.widget_info(|| WidgetInfo::labeled(WidgetType::Button, true, "Stick"));
        ui.painter().circle(rect.center(), radius - 1.0, kit.glass(), kit.hairline());
        let at = response.interact_pointer_pos().filter(|_| response.is_pointer_button_down_on());
        let way = at.map_or(Vec2::ZERO, |at| (at - rect.center()) / radius);
        let way = if way.length() > 1.0 { way.normalized() } else { way };
        ui.painter().circle_filled(rect.center() + way * radius * 0.6, 20.0, kit.line());
        state.walk.stick = [way.x, -way.y];
    });
}
