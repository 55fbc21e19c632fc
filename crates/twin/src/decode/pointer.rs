//! JSON Pointers (RFC 6901), many of them as one tree, so that a document is visited once.

/// Index of what a pointer found, in the order of [`PointerTree::add`].
pub(super) type SlotId = u16;

/// All pointers of one plan.
#[derive(Clone, Debug)]
pub(super) struct PointerTree {
    nodes: Vec<Node>,
    slots: SlotId,
}

#[derive(Clone, Debug, Default)]
pub(super) struct Node {
    /// Where a value found here goes.
    pub slot: Option<SlotId>,
    /// The children by token, sorted.
    by_key: Vec<(Box<str>, u32)>,
    /// Those whose token is an array index, sorted.
    by_index: Vec<(usize, u32)>,
}

/// Most pointers of one plan; more are refused (they find nothing).
const MOST_SLOTS: SlotId = 16_384;

impl Default for PointerTree {
    fn default() -> Self {
        Self { nodes: vec![Node::default()], slots: 0 }
    }
}

impl PointerTree {
    /// The slot of `pointer`; the same pointer always has the same one. `None` if it is no JSON Pointer.
    pub fn add(&mut self, pointer: &str) -> Option<SlotId> {
        if !is_valid_pointer(pointer) || self.slots >= MOST_SLOTS {
            return None;
        }
        let mut at = 0_usize;
        for token in pointer.split('/').skip(1) {
            let key = token.replace("~1", "/").replace("~0", "~");
            let fresh = u32::try_from(self.nodes.len()).ok()?;
            let node = self.nodes.get_mut(at)?;
            at = match node.by_key.binary_search_by(|(known, _)| (**known).cmp(&key)) {
                Ok(place) => node.by_key.get(place)?.1 as usize,
                Err(place) => {
                    if let Some(index) = array_index(&key) {
                        let place = node.by_index.partition_point(|(known, _)| *known < index);
                        node.by_index.insert(place, (index, fresh));
                    }
                    node.by_key.insert(place, (key.into(), fresh));
                    self.nodes.push(Node::default());
                    fresh as usize
                }
            };
        }
        let next = self.slots;
        let slot = *self.nodes.get_mut(at)?.slot.get_or_insert(next);
        if slot == next {
            self.slots += 1;
        }
        Some(slot)
    }

    pub fn node(&self, row: u32) -> Option<&Node> {
        self.nodes.get(row as usize)
    }

    /// Number of slots.
    pub fn slots(&self) -> usize {
        usize::from(self.slots)
    }

    /// No pointer at all: there is no JSON to be read.
    pub fn is_empty(&self) -> bool {
        self.slots == 0
    }
}

impl Node {
    /// The child under an object key.
    pub fn by_key(&self, key: &str) -> Option<u32> {
        // Few are found faster by looking at each; a controller that sends hundreds of tags at once has hundreds.
        if self.by_key.len() <= 8 {
            return self.by_key.iter().find(|(known, _)| **known == *key).map(|(_, node)| *node);
        }
        let place = self.by_key.binary_search_by(|(known, _)| (**known).cmp(key)).ok()?;
        self.by_key.get(place).map(|(_, node)| *node)
    }

    /// The children at array indices, by index.
    pub fn by_index(&self) -> &[(usize, u32)] {
        &self.by_index
    }

    /// All children.
    pub fn children(&self) -> impl Iterator<Item = u32> {
        self.by_key.iter().map(|(_, node)| *node)
    }

    /// Nothing is bound below.
    pub fn is_leaf(&self) -> bool {
        self.by_key.is_empty()
    }
}

/// RFC 6901, section 4: digits without a leading zero. (`-`, the element after the last, never exists.)
fn array_index(token: &str) -> Option<usize> {
    let digits = token.bytes().all(|byte| byte.is_ascii_digit()) && !token.is_empty();
    (digits && (token == "0" || !token.starts_with('0'))).then(|| token.parse().ok()).flatten()
}

/// Whether a text is a JSON Pointer: empty, or beginning with `/`, with `~` only as `~0` and `~1`; at most 1,024 bytes
/// and 64 tokens.
#[must_use]
pub fn is_valid_pointer(pointer: &str) -> bool {
    if pointer.is_empty() {
        return true;
    }
    let mut bytes = pointer.bytes();
    let mut escapes = true;
    while let Some(byte) = bytes.next() {
        if byte == b'~' {
            escapes &= matches!(bytes.next(), Some(b'0' | b'1'));
        }
    }
    pointer.starts_with('/')
        && escapes
        && pointer.len() <= 1024
        && pointer.bytes().filter(|byte| *byte == b'/').count() <= 64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_a_pointer() {
        for (pointer, valid) in [
            ("", true),
            ("/", true),
            ("/a/b", true),
            ("/a~1b/~0", true),
            ("a", false),
            ("/~", false),
            ("/~2", false),
            ("/a~", false),
        ] {
            assert_eq!(is_valid_pointer(pointer), valid, "{pointer:?}");
        }
        assert!(!is_valid_pointer(&"/a".repeat(65)));
    }

    #[test]
    fn the_same_pointer_has_the_same_slot() {
        let mut tree = PointerTree::default();
        assert_eq!(
            [tree.add("/a"), tree.add("/a/b"), tree.add("/a"), tree.add("x")],
            [Some(0), Some(1), Some(0), None]
        );
        assert_eq!(tree.slots(), 2);
    }

    #[test]
    fn indices_have_no_leading_zero() {
        for (token, index) in
            [("0", Some(0)), ("12", Some(12)), ("01", None), ("-", None), ("", None), ("1e1", None), ("+1", None)]
        {
            assert_eq!(array_index(token), index, "{token:?}");
        }
    }
}
