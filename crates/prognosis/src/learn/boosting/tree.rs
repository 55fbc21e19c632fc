//! One regression tree, grown leaf by leaf where the squared error falls most.

use serde::{Deserialize, Serialize};

use super::Growth;
use super::bins::Feature;

/// A node of a tree.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(super) enum Node {
    /// A value at most the threshold goes left, everything else (gaps too) right.
    Split { feature: u32, threshold: f64, left: u32, right: u32 },
    /// What is added to the prediction.
    Leaf(f64),
}

/// A tree: node 0 is the root, children stand after their parent.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Tree {
    nodes: Vec<Node>,
}

/// Sum of residuals and number of rows in each bin.
type Histogram = Vec<[f64; 2]>;

/// A leaf that may still be split.
struct Open {
    node: usize,
    rows: Vec<u32>,
    histograms: Vec<Histogram>,
    best: Option<Best>,
}

/// The best split of a leaf.
#[derive(Clone, Copy)]
struct Best {
    gain: f64,
    feature: usize,
    bin: usize,
}

impl Tree {
    /// Grows a tree on the residuals of some rows, by some features.
    ///
    /// Split gain and leaf value of squared loss with an L2 penalty (Chen and Guestrin, XGBoost, 2016, equations 5
    /// and 7, with unit second derivatives); growth leaf by leaf (Ke et al., LightGBM, 2017).
    pub(super) fn grow(
        features: &[Feature],
        chosen: &[usize],
        residuals: &[f64],
        rows: Vec<u32>,
        how: &Growth,
    ) -> Self {
        let mut nodes = vec![Node::Leaf(leaf(sum(residuals, &rows), rows.len(), how))];
        let histograms = histograms(features, chosen, residuals, &rows);
        let mut open = vec![Open { node: 0, best: best(&histograms, how), rows, histograms }];
        let mut leaves = 1;
        while leaves < how.leaves {
            let next = open
                .iter()
                .enumerate()
                .filter_map(|(at, leaf)| leaf.best.map(|best| (at, best)))
                .max_by(|a, b| a.1.gain.total_cmp(&b.1.gain).then(b.0.cmp(&a.0)));
            let Some((at, best_split)) = next else { break };
            let parent = open.swap_remove(at);
            let Some(feature_index) = chosen.get(best_split.feature).copied() else { break };
            let Some(feature) = features.get(feature_index) else { break };
            let Some(threshold) = feature.edges.get(best_split.bin).copied() else { break };
            let (left, right): (Vec<u32>, Vec<u32>) = parent.rows.iter().partition(|row| {
                feature.bins.get(**row as usize).is_some_and(|bin| usize::from(*bin) <= best_split.bin)
            });
            let left_first = left.len() <= right.len();
            let (small, large) = if left_first { (left, right) } else { (right, left) };
            let of_small = self::histograms(features, chosen, residuals, &small);
            // What the parent has and the smaller child has not is the larger child's.
            let mut of_large = parent.histograms;
            for (large, small) in of_large.iter_mut().zip(&of_small) {
                for (large, small) in large.iter_mut().zip(small) {
                    large[0] -= small[0];
                    large[1] -= small[1];
                }
            }
            let mut children = [0_u32; 2];
            for (side, rows, histograms) in [(0, small, of_small), (1, large, of_large)] {
                let node = nodes.len();
                nodes.push(Node::Leaf(leaf(sum(residuals, &rows), rows.len(), how)));
                if let Some(child) = children.get_mut(side) {
                    *child = u32::try_from(node).unwrap_or(u32::MAX);
                }
                open.push(Open { node, best: best(&histograms, how), rows, histograms });
            }
            let [small, large] = children;
            let (left, right) = if left_first { (small, large) } else { (large, small) };
            if let Some(node) = nodes.get_mut(parent.node) {
                *node =
                    Node::Split { feature: u32::try_from(feature_index).unwrap_or(u32::MAX), threshold, left, right };
            }
            leaves += 1;
        }
        Self { nodes }
    }

    /// What the tree adds for a row of features; a feature that is not there counts as a gap.
    pub(super) fn value(&self, feature_of: impl Fn(usize) -> f64) -> f64 {
        let mut at = 0;
        // Children stand after their parent (checked when a tree is read), so this ends.
        loop {
            match self.nodes.get(at) {
                Some(Node::Split { feature, threshold, left, right }) => {
                    at = if feature_of(*feature as usize) <= *threshold { *left } else { *right } as usize;
                }
                Some(Node::Leaf(value)) => return *value,
                None => return 0.0,
            }
        }
    }

    /// Whether it can be walked: children after their parent and inside, features below a count, numbers finite.
    pub(super) fn is_sound(&self, features: usize, most_nodes: usize) -> bool {
        let inside = |child: u32, parent: usize| (child as usize) > parent && (child as usize) < self.nodes.len();
        !self.nodes.is_empty()
            && self.nodes.len() <= most_nodes
            && self.nodes.iter().enumerate().all(|(at, node)| match node {
                Node::Split { feature, threshold, left, right } => {
                    (*feature as usize) < features && threshold.is_finite() && inside(*left, at) && inside(*right, at)
                }
                Node::Leaf(value) => value.is_finite(),
            })
    }
}

fn sum(residuals: &[f64], rows: &[u32]) -> f64 {
    rows.iter().filter_map(|row| residuals.get(*row as usize)).sum()
}

fn leaf(sum: f64, count: usize, how: &Growth) -> f64 {
    how.shrinkage * sum / (count as f64 + how.l2)
}

fn histograms(features: &[Feature], chosen: &[usize], residuals: &[f64], rows: &[u32]) -> Vec<Histogram> {
    chosen
        .iter()
        .map(|index| {
            let mut histogram = vec![[0.0; 2]; 256];
            if let Some(feature) = features.get(*index) {
                for row in rows {
                    let row = *row as usize;
                    if let (Some(bin), Some(residual)) = (feature.bins.get(row), residuals.get(row))
                        && let Some(cell) = histogram.get_mut(usize::from(*bin))
                    {
                        cell[0] += residual;
                        cell[1] += 1.0;
                    }
                }
            }
            histogram
        })
        .collect()
}

fn best(histograms: &[Histogram], how: &Growth) -> Option<Best> {
    let least = how.least_rows as f64;
    let mut best: Option<Best> = None;
    for (feature, histogram) in histograms.iter().enumerate() {
        let [all, count] = histogram.iter().fold([0.0, 0.0], |[a, b], [c, d]| [a + c, b + d]);
        let before = all * all / (count + how.l2);
        let (mut left, mut rows_left) = (0.0, 0.0);
        for (bin, [sum, rows]) in histogram.iter().enumerate().take(histogram.len().saturating_sub(1)) {
            left += sum;
            rows_left += rows;
            // Half a row of tolerance: the counts are differences of floats.
            if *rows < 0.5 || rows_left < least - 0.5 {
                continue;
            }
            let rows_right = count - rows_left;
            if rows_right < least - 0.5 {
                break;
            }
            let right = all - left;
            let gain = left * left / (rows_left + how.l2) + right * right / (rows_right + how.l2) - before;
            if gain > 1e-9 && best.is_none_or(|best| gain > best.gain) {
                best = Some(Best { gain, feature, bin });
            }
        }
    }
    best
}
