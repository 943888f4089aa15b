//! Whole names in which `*` stands for anything.

/// How much of a name is compared, in bytes.
const COMPARED: usize = 1_000;

/// Whether `name` is `pattern`; both are folded already.
pub(super) fn is_like(pattern: &str, name: &str) -> bool {
    let Some((beginning, rest)) = pattern.split_once('*') else {
        return pattern == name;
    };
    let Some(name) = name.strip_prefix(beginning) else {
        return false;
    };
    // A star stands for whole characters, as the bytes of one never begin another.
    let pattern = rest.as_bytes();
    let name = &name.as_bytes()[..name.len().min(COMPARED)];
    let (mut p, mut n) = (0, 0);
    // Where what follows the last star begins, and how far that star has swallowed the name.
    let (mut star, mut swallowed) = (0, 0);
    while n < name.len() {
        match pattern.get(p) {
            None if pattern[star..].is_empty() => return true,
            Some(b'*') => {
                p += 1;
                (star, swallowed) = (p, n);
            }
            Some(byte) if *byte == name[n] => {
                p += 1;
                n += 1;
            }
            Some(_) | None => {
                swallowed += 1;
                (p, n) = (star, swallowed);
            }
        }
    }
    pattern[p..].iter().all(|byte| *byte == b'*')
}

#[cfg(test)]
mod tests {
    use super::is_like;

    #[test]
    fn stars_stand_for_anything() {
        for (pattern, name, like) in [
            ("jon skeet", "jon skeet", true),
            ("jon*", "jon skeet", true),
            ("*skeet", "jon skeet", true),
            ("j*n*t", "jon skeet", true),
            ("jon", "jon skeet", false),
            ("*", "", true),
            ("*", "abc", true),
            ("a*", "a", true),
            ("*é*", "caféine", true),
            ("*b", "ab", true),
            ("*b", "abc", false),
            ("**b", "ab", true),
            ("a*b*c", "aXbYbZc", true),
            ("a*b", "acbd", false),
            ("*a*a*a*b", &"a".repeat(5_000), false),
        ] {
            assert_eq!(is_like(pattern, name), like, "{pattern} {name}");
        }
    }
}
