//! A list that nearly always has one entry, which then needs no memory of its own.

/// None, one or several.
#[derive(Default)]
pub enum Few<T> {
    #[default]
    None,
    One(T),
    /// In a box, as lists without end are what there are fewest of.
    #[allow(
        clippy::box_collection,
        reason = "it makes the rest of them half as large"
    )]
    Many(Box<Vec<T>>),
}

impl<T: Copy> Few<T> {
    pub fn as_slice(&self) -> &[T] {
        match self {
            Few::None => &[],
            Few::One(one) => std::slice::from_ref(one),
            Few::Many(many) => many,
        }
    }

    pub fn as_mut_slice(&mut self) -> &mut [T] {
        match self {
            Few::None => &mut [],
            Few::One(one) => std::slice::from_mut(one),
            Few::Many(many) => many,
        }
    }

    pub fn push(&mut self, entry: T) {
        match self {
            Few::None => *self = Few::One(entry),
            Few::One(one) => {
                let mut many = Vec::with_capacity(2);
                many.extend([*one, entry]);
                *self = Few::Many(Box::new(many));
            }
            Few::Many(many) => many.push(entry),
        }
    }

    pub fn pop(&mut self) -> Option<T> {
        let last = self.as_slice().len().checked_sub(1)?;
        Some(self.swap_remove(last))
    }

    /// Takes an entry out; the last one takes its place.
    pub fn swap_remove(&mut self, at: usize) -> T {
        match self {
            Few::Many(many) => {
                let gone = many.swap_remove(at);
                if let [one] = many[..] {
                    *self = Few::One(one);
                } else if many.len() * 4 < many.capacity() {
                    many.shrink_to(many.len() * 2);
                }
                gone
            }
            Few::None | Few::One(_) => {
                let gone = self.as_slice()[at];
                *self = Few::None;
                gone
            }
        }
    }

    /// Heap bytes.
    pub fn bytes(&self) -> usize {
        match self {
            Few::None | Few::One(_) => 0,
            // Two blocks, each with what the allocator writes before it.
            Few::Many(many) => many.capacity() * size_of::<T>() + size_of::<Vec<T>>() + 16,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn it_is_a_list(steps in prop::collection::vec(prop::option::of(0usize..9), 0..40)) {
            let (mut few, mut list) = (Few::None, Vec::new());
            for (n, step) in steps.into_iter().enumerate() {
                match step {
                    Some(at) if at < list.len() => {
                        prop_assert_eq!(few.swap_remove(at), list.swap_remove(at));
                    }
                    Some(_) => prop_assert_eq!(few.pop(), list.pop()),
                    None => {
                        few.push(n);
                        list.push(n);
                    }
                }
                prop_assert_eq!(few.as_slice(), &list);
            }
        }
    }
}
