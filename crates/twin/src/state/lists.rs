//! Many short lists of rows in one allocation: "the alarms of each signal", and the like.

/// For each row a list of rows.
#[derive(Clone, Debug, Default)]
pub(super) struct Lists {
    starts: Vec<u32>,
    items: Vec<u32>,
}

impl Lists {
    /// Lists for `rows` rows from `(row, item)` pairs; the items of a row keep their order. Pairs beyond are left out.
    pub fn new(rows: usize, pairs: &[(usize, u32)]) -> Self {
        let mut sorted: Vec<(usize, u32)> = pairs.iter().copied().filter(|(row, _)| *row < rows).collect();
        sorted.sort_by_key(|(row, _)| *row);
        let starts = (0..=rows)
            .map(|row| u32::try_from(sorted.partition_point(|(of, _)| *of < row)).unwrap_or(u32::MAX))
            .collect();
        Self { starts, items: sorted.into_iter().map(|(_, item)| item).collect() }
    }

    /// The list of a row; empty for rows that do not exist.
    pub fn of(&self, row: usize) -> &[u32] {
        match (self.starts.get(row), self.starts.get(row + 1)) {
            (Some(from), Some(to)) => self.items.get(*from as usize..*to as usize).unwrap_or_default(),
            _ => &[],
        }
    }

    /// Places in `items` of the list of a row, for callers that change other state meanwhile.
    pub fn range(&self, row: usize) -> std::ops::Range<usize> {
        match (self.starts.get(row), self.starts.get(row + 1)) {
            (Some(from), Some(to)) => *from as usize..*to as usize,
            _ => 0..0,
        }
    }

    /// The item at a place that [`Lists::range`] gave.
    pub fn item(&self, place: usize) -> Option<u32> {
        self.items.get(place).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_of_rows() {
        let lists = Lists::new(4, &[(2, 7), (0, 1), (2, 3), (9, 9)]);
        assert_eq!(
            [lists.of(0), lists.of(1), lists.of(2), lists.of(3), lists.of(4)],
            [&[1][..], &[], &[7, 3], &[], &[]]
        );
    }
}
