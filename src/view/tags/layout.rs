//! Where hundreds of labels stand, so that none covers another: beside their anchors, in order of importance, and where
//! they stood in the frame before as long as that is free. What loses its place fades, what finds one comes in softly.
//!
//! What is taken is kept in a map of small squares, a bit each: asking for a place costs a few machine words, whatever
//! the number of labels.

use std::collections::HashMap;

use super::super::labels::Box2;

/// A label to be placed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Label {
    /// Which one, from frame to frame.
    pub key: u32,
    /// Where its line leads, points.
    pub anchor: [f32; 2],
    /// Width and height, points.
    pub size: [f32; 2],
    /// Who chooses first: the larger.
    pub importance: u8,
    /// Distance from the camera, m: of equal importance the nearer chooses first.
    pub depth: f32,
}

/// A label that is drawn.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Placed {
    /// Its place in the list that was given.
    pub index: usize,
    /// Where it stands.
    pub at: Box2,
    /// How much of it is seen, 0 to 1.
    pub opacity: f32,
}

/// Side of a square, points.
const SQUARE: f32 = 4.0;
/// Largest map, squares a side: an 8K screen.
const MOST: usize = 2_048;
/// A label that is placed counts as this much nearer: another one takes its place only when it is clearly nearer.
const HOLDS: f32 = 0.6;
/// How long a label takes to come or to go, s.
const FADE_S: f32 = 0.16;
/// How long it takes to another side of its anchor, s.
const MOVE_S: f32 = 0.12;
/// Distances from the anchor, points, best first.
const DISTANCES: [f32; 5] = [12.0, 26.0, 44.0, 68.0, 98.0];
/// Directions, best first for what is right of the middle of all labels.
const DIRECTIONS: [[f32; 2]; 8] =
    [[0.8, -0.6], [1.0, 0.0], [0.8, 0.6], [0.0, -1.0], [0.0, 1.0], [-0.8, -0.6], [-0.8, 0.6], [-1.0, 0.0]];
/// The same for what is left of it, so that lines lead outwards.
const MIRRORED: [usize; 8] = [5, 7, 6, 3, 4, 0, 2, 1];

/// All places around an anchor, best first.
fn places(mirrored: bool) -> impl Iterator<Item = usize> {
    let direction = move |n: usize| if mirrored { MIRRORED.get(n).copied().unwrap_or(n) } else { n };
    (0..DISTANCES.len()).flat_map(move |d| (0..DIRECTIONS.len()).map(move |n| d * DIRECTIONS.len() + direction(n)))
}

/// The box of a label at a place around its anchor: its side that looks at the anchor lies at the distance.
fn at_place(label: &Label, place: usize) -> Box2 {
    let distance = DISTANCES.get(place / DIRECTIONS.len()).copied().unwrap_or_default();
    let [dx, dy] = DIRECTIONS.get(place % DIRECTIONS.len()).copied().unwrap_or_default();
    let along = |anchor: f32, d: f32, size: f32| {
        let at = anchor + d * distance;
        // By the sign of the direction: beyond the anchor, before it, or about it.
        at - size * (0.5 - 0.5 * if d.abs() > 0.3 { d.signum() } else { 0.0 })
    };
    Box2::at(along(label.anchor[0], dx, label.size[0]), along(label.anchor[1], dy, label.size[1]), label.size)
}

/// What is taken of the view.
#[derive(Clone, Debug, Default)]
struct Taken {
    left: f32,
    top: f32,
    columns: usize,
    rows: usize,
    /// Words in a row.
    words: usize,
    bits: Vec<u64>,
}

impl Taken {
    fn clear(&mut self, bounds: Box2) {
        let squares = |length: f32| ((length / SQUARE).ceil().max(0.0) as usize).min(MOST);
        (self.left, self.top) = (bounds.left, bounds.top);
        (self.columns, self.rows) = (squares(bounds.right - bounds.left), squares(bounds.bottom - bounds.top));
        self.words = self.columns.div_ceil(64);
        self.bits.clear();
        self.bits.resize(self.words * self.rows, 0);
    }

    /// Squares that a box touches: columns and rows, ends not included.
    fn squares(&self, at: &Box2) -> [usize; 4] {
        let square = |v: f32, most: usize| (v.max(0.0) as usize).min(most);
        [
            square((at.left - self.left) / SQUARE, self.columns),
            square(((at.right - self.left) / SQUARE).ceil(), self.columns),
            square((at.top - self.top) / SQUARE, self.rows),
            square(((at.bottom - self.top) / SQUARE).ceil(), self.rows),
        ]
    }

    /// The words of a box with the bits that it has in each.
    fn words(&self, at: &Box2) -> impl Iterator<Item = (usize, u64)> + use<> {
        let [left, right, top, bottom] = self.squares(at);
        let words = self.words;
        (top..bottom).flat_map(move |row| {
            (left / 64..right.div_ceil(64)).map(move |word| {
                let from = left.saturating_sub(word * 64).min(63) as u32;
                let to = (right - word * 64).min(64) as u32;
                let mask = (u64::MAX << from) & (u64::MAX >> (64 - to));
                (row * words + word, mask)
            })
        })
    }

    fn is_free(&self, at: &Box2) -> bool {
        self.words(at).all(|(word, mask)| self.bits.get(word).is_none_or(|bits| bits & mask == 0))
    }

    fn take(&mut self, at: &Box2) {
        for (word, mask) in self.words(at) {
            if let Some(bits) = self.bits.get_mut(word) {
                *bits |= mask;
            }
        }
    }
}

/// A label from frame to frame.
#[derive(Clone, Copy, Debug)]
struct Known {
    /// Its place around the anchor, if it has one.
    place: Option<usize>,
    /// From the anchor to its upper left corner, as it is drawn, points.
    offset: [f32; 2],
    opacity: f32,
    /// The frame that it was wanted in last.
    frame: u32,
}

/// Places labels, and remembers where they stand.
#[derive(Clone, Debug, Default)]
pub struct Layout {
    known: HashMap<u32, Known>,
    frame: u32,
    boxes: Taken,
    anchors: Taken,
    order: Vec<usize>,
}

impl Layout {
    /// Places the labels of a frame inside `bounds`, clear of `obstacles`. `dt`: since the last frame, s. The second value
    /// says whether something still comes, goes or moves.
    pub fn place(&mut self, labels: &[Label], bounds: Box2, obstacles: &[Box2], dt: f32) -> (Vec<Placed>, bool) {
        /// Between labels, points.
        const GAP: f32 = 3.0;
        let dt = if dt.is_finite() { dt } else { 0.0 };
        self.frame = self.frame.wrapping_add(1);
        self.boxes.clear(bounds);
        self.anchors.clear(bounds);
        for obstacle in obstacles {
            self.boxes.take(obstacle);
        }
        for label in labels {
            let [x, y] = label.anchor;
            self.anchors.take(&Box2 { left: x - 3.0, top: y - 3.0, right: x + 3.0, bottom: y + 3.0 });
        }
        let middle = labels.iter().map(|label| label.anchor[0]).sum::<f32>() / labels.len().max(1) as f32;
        let known = &self.known;
        let distance = |label: &Label| {
            let held = known.get(&label.key).is_some_and(|known| known.place.is_some());
            if held { label.depth * HOLDS } else { label.depth }
        };
        self.order.clear();
        self.order.extend(0..labels.len());
        self.order.sort_by(|a, b| match (labels.get(*a), labels.get(*b)) {
            (Some(a), Some(b)) => {
                b.importance.cmp(&a.importance).then(distance(a).total_cmp(&distance(b))).then(a.key.cmp(&b.key))
            }
            _ => a.cmp(b),
        });
        let mut placed = Vec::with_capacity(labels.len());
        let mut moving = false;
        for &index in &self.order {
            let Some(label) = labels.get(index) else { continue };
            let before = self.known.get(&label.key).copied();
            let fits = |place: usize, clear_of_anchors: bool| {
                let at = at_place(label, place);
                let wide =
                    Box2 { left: at.left - GAP, top: at.top - GAP, right: at.right + GAP, bottom: at.bottom + GAP };
                at.inside(&bounds) && self.boxes.is_free(&wide) && (!clear_of_anchors || self.anchors.is_free(&at))
            };
            let outwards = label.anchor[0] < middle;
            let place = before
                .and_then(|before| before.place)
                .filter(|&place| fits(place, false))
                .or_else(|| places(outwards).find(|&place| fits(place, true)))
                .or_else(|| places(outwards).find(|&place| fits(place, false)));
            let target = place.map(|place| {
                let at = at_place(label, place);
                self.boxes.take(&at);
                [at.left - label.anchor[0], at.top - label.anchor[1]]
            });
            let new = || Some(Known { place, offset: target?, opacity: 0.0, frame: self.frame });
            let Some(mut now) = before.or_else(new) else { continue };
            now.place = place;
            now.frame = self.frame;
            if let Some(target) = target {
                let step = (dt / MOVE_S).clamp(0.0, 1.0);
                let [x, y] = [target[0] - now.offset[0], target[1] - now.offset[1]];
                now.offset = if x.abs().max(y.abs()) < 0.5 {
                    target
                } else {
                    [now.offset[0] + x * step, now.offset[1] + y * step]
                };
                moving |= now.offset != target;
            }
            let fade = (dt / FADE_S).clamp(0.0, 1.0);
            now.opacity = (now.opacity + if place.is_some() { fade } else { -fade }).clamp(0.0, 1.0);
            moving |= now.opacity > 0.0 && now.opacity < 1.0;
            self.known.insert(label.key, now);
            if now.opacity > 0.0 {
                let (left, top) = (label.anchor[0] + now.offset[0], label.anchor[1] + now.offset[1]);
                placed.push(Placed { index, at: Box2::at(left, top, label.size), opacity: now.opacity });
            }
        }
        // What is not wanted any more goes at once: it is out of view, or stands for something else.
        let frame = self.frame;
        self.known.retain(|_, known| known.frame == frame && (known.place.is_some() || known.opacity > 0.0));
        (placed, moving)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const VIEW: Box2 = Box2 { left: 50.0, top: 40.0, right: 950.0, bottom: 640.0 };

    fn label(key: u32, anchor: [f32; 2]) -> Label {
        Label { key, anchor, size: [90.0, 20.0], importance: 0, depth: 10.0 + key as f32 * 0.01 }
    }

    /// Anchors strewn over the view.
    fn strewn(count: u32) -> Vec<Label> {
        let part = |n: u32, a: u32, m: u32| (n.wrapping_mul(a) % m) as f32;
        (0..count).map(|n| label(n, [60.0 + part(n, 547, 880), 50.0 + part(n, 104_729, 580)])).collect()
    }

    fn covers(a: &Box2, b: &Box2) -> bool {
        a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom
    }

    fn settled(layout: &mut Layout, labels: &[Label], obstacles: &[Box2]) -> Vec<Placed> {
        for _ in 0..4 {
            layout.place(labels, VIEW, obstacles, 1.0);
        }
        let (placed, moving) = layout.place(labels, VIEW, obstacles, 1.0);
        assert!(!moving);
        placed
    }

    #[test]
    fn no_label_covers_another_leaves_the_view_or_lies_on_an_obstacle() {
        let obstacle = Box2 { left: 400.0, top: 200.0, right: 600.0, bottom: 400.0 };
        let placed = settled(&mut Layout::default(), &strewn(500), &[obstacle]);
        assert!(placed.len() > 100, "{} of 500", placed.len());
        for (n, one) in placed.iter().enumerate() {
            assert!(one.at.inside(&VIEW) && !covers(&one.at, &obstacle), "{one:?}");
            assert!(placed.iter().skip(n + 1).all(|other| !covers(&one.at, &other.at)), "{one:?}");
        }
    }

    #[test]
    fn labels_stand_still_around_their_anchors_while_the_camera_moves() {
        let mut layout = Layout::default();
        let labels = strewn(60);
        let offsets = |placed: &[Placed], labels: &[Label]| -> Vec<(usize, [f32; 2])> {
            let offset = |p: &Placed| [p.at.left - labels[p.index].anchor[0], p.at.top - labels[p.index].anchor[1]];
            let mut all: Vec<_> = placed.iter().map(|p| (p.index, offset(p).map(f32::round))).collect();
            all.sort_by_key(|(index, _)| *index);
            all
        };
        let before = offsets(&settled(&mut layout, &labels, &[]), &labels);
        // The whole picture shifts, as when the camera pans; what is near changes its order.
        for step in 1..=10 {
            let shift = |label: &Label| Label {
                anchor: [label.anchor[0] + step as f32 * 0.7, label.anchor[1] + step as f32 * 0.3],
                depth: 10.0 + ((label.key * 13 + step) % 7) as f32 * 0.1,
                ..*label
            };
            let moved: Vec<Label> = labels.iter().map(shift).collect();
            let (placed, _) = layout.place(&moved, VIEW, &[], 0.016);
            let now = offsets(&placed, &moved);
            let kept = now.iter().filter(|one| before.contains(one)).count();
            assert!(kept * 100 >= before.len() * 95, "step {step}: {kept} of {} stand still", before.len());
        }
    }

    #[test]
    fn the_important_choose_first_and_then_the_near() {
        // All at one place, where few fit.
        let crowd: Vec<Label> = (0..200).map(|n| label(n, [500.0, 300.0])).collect();
        let mut crowd = crowd;
        crowd[150].importance = 3;
        crowd[199].depth = 1.0;
        let placed = settled(&mut Layout::default(), &crowd, &[]);
        assert_eq!((placed[0].index, placed[1].index), (150, 199));
        assert!(placed.len() < 200);
    }

    #[test]
    fn a_label_gives_way_only_to_one_that_is_clearly_nearer() {
        let narrow = Box2 { left: 0.0, top: 0.0, right: 130.0, bottom: 24.0 };
        let at = |key, depth| Label { depth, ..label(key, [10.0, 12.0]) };
        let seen = |layout: &mut Layout, labels: &[Label]| {
            (0..3).for_each(|_| drop(layout.place(labels, narrow, &[], 1.0)));
            layout.place(labels, narrow, &[], 1.0).0.iter().map(|p| labels[p.index].key).collect::<Vec<_>>()
        };
        let mut layout = Layout::default();
        assert_eq!(seen(&mut layout, &[at(1, 10.0)]), [1]);
        assert_eq!(seen(&mut layout, &[at(1, 10.0), at(2, 8.0)]), [1]);
        assert_eq!(seen(&mut layout, &[at(1, 10.0), at(2, 5.0)]), [2]);
    }

    #[test]
    fn what_comes_and_goes_does_so_softly_and_then_rests() {
        let mut layout = Layout::default();
        let one = [label(1, [500.0, 300.0])];
        let (placed, moving) = layout.place(&one, VIEW, &[], FADE_S / 4.0);
        assert!(moving && placed[0].opacity > 0.2 && placed[0].opacity < 0.3, "{placed:?}");
        let placed = settled(&mut layout, &one, &[]);
        assert!((placed[0].opacity - 1.0).abs() < 1e-6);
        // All of the view is taken: it fades where it stands.
        let (placed, moving) = layout.place(&one, VIEW, &[VIEW], FADE_S / 4.0);
        assert!(moving && placed[0].opacity < 0.8, "{placed:?}");
        let (placed, moving) = layout.place(&one, VIEW, &[VIEW], 1.0);
        assert!(!moving && placed.is_empty());
    }

    #[test]
    fn odd_views_and_anchors_are_no_trouble() {
        let odd = [f32::NAN, f32::INFINITY, -1e30, 1e30, 0.0];
        let labels: Vec<Label> = (0..25).map(|n| label(n, [odd[n as usize % 5], odd[n as usize / 5]])).collect();
        for bounds in [VIEW, Box2 { left: 0.0, top: 0.0, right: 0.0, bottom: 0.0 }, Box2 { right: f32::NAN, ..VIEW }] {
            Layout::default().place(&labels, bounds, &[Box2 { left: f32::NAN, ..VIEW }], f32::NAN);
        }
    }
}
