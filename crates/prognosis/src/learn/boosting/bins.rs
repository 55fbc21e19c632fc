//! Features sorted into at most 255 bins of about equal count, so that a split is a sum over bins, not a sort.

use super::Matrix;

/// Most bins of a feature, its gaps included: what fits a byte.
const MOST_BINS: usize = 255;
/// The bin of what is not a number: after every edge, so a split sends it right, as `value <= threshold` does.
pub(super) const GAP: u8 = u8::MAX;

/// A binned feature.
pub(super) struct Feature {
    /// Upper edges: bin `i` holds what is at most `edges[i]` and above the edge before; the last bin has no edge.
    pub edges: Vec<f64>,
    /// Bin of each row.
    pub bins: Vec<u8>,
}

/// Bins every column.
pub(super) fn bin(matrix: &Matrix) -> Vec<Feature> {
    matrix.columns.iter().map(|column| feature(column)).collect()
}

fn feature(column: &[f64]) -> Feature {
    let mut sorted: Vec<f64> = column.iter().copied().filter(|value| value.is_finite()).collect();
    sorted.sort_by(f64::total_cmp);
    let mut edges: Vec<f64> = Vec::new();
    let mut taken = 0;
    for pair in 0..sorted.len().saturating_sub(1) {
        let (Some(here), Some(next)) = (sorted.get(pair), sorted.get(pair + 1)) else { break };
        // An edge once the bin has its share of the rows, and only between values that differ.
        if next > here && (pair + 1) * (MOST_BINS - 1) >= (taken + 1) * sorted.len() {
            edges.push(here + (next - here) / 2.0);
            taken = ((pair + 1) * (MOST_BINS - 1) / sorted.len()).max(taken + 1);
        }
    }
    edges.truncate(MOST_BINS - 2);
    if let Some(largest) = sorted.last()
        && sorted.len() < column.len()
    {
        // Between what is there and what is not.
        edges.push(*largest);
    }
    let bins = column.iter().map(|value| if value.is_finite() { bin_of(&edges, *value) } else { GAP }).collect();
    Feature { edges, bins }
}

/// Bin of a finite value.
fn bin_of(edges: &[f64], value: f64) -> u8 {
    u8::try_from(edges.partition_point(|edge| *edge < value)).unwrap_or(GAP)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_bin_has_about_its_share_and_gaps_come_last() {
        let mut column: Vec<f64> = (0..10_000).map(f64::from).collect();
        column.push(f64::NAN);
        let feature = feature(&column);
        assert_eq!(feature.edges.len(), MOST_BINS - 1);
        let mut counts = [0_usize; 256];
        feature.bins.iter().for_each(|bin| counts[usize::from(*bin)] += 1);
        assert!(counts[..200].iter().all(|count| (30..=50).contains(count)), "{counts:?}");
        assert_eq!(counts[usize::from(GAP)], 1);
    }

    #[test]
    fn equal_values_share_a_bin() {
        let feature = feature(&[1.0, 1.0, 1.0, 2.0]);
        assert_eq!((feature.edges, feature.bins), (vec![1.5], vec![0, 0, 0, 1]));
    }
}
