//! Whole names in which `*` stands for anything.

/// How much of a name is compared, in characters.
const COMPARED: usize = 1_000;

/// Whether `name` is `pattern`; both are folded already.
pub(super) fn is_like(pattern: &str, name: &str) -> bool {
    if !pattern.contains('*') {
        return pattern == name;
    }
    let pattern: Vec<char> = pattern.chars().collect();
    let name: Vec<char> = name.chars().take(COMPARED).collect();
    let (mut p, mut n) = (0, 0);
    // Where the last star stood, and how far it has swallowed the name.
    let mut star: Option<(usize, usize)> = None;
    while n < name.len() {
        match pattern.get(p) {
            Some('*') => {
                star = Some((p, n));
                p += 1;
            }
            Some(c) if *c == name[n] => {
                p += 1;
                n += 1;
            }
            Some(_) | None => match star {
                Some((at, swallowed)) => {
                    star = Some((at, swallowed + 1));
                    p = at + 1;
                    n = swallowed + 1;
                }
                None => return false,
            },
        }
    }
    pattern[p..].iter().all(|c| *c == '*')
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
            ("a*b", "acbd", false),
            ("*a*a*a*b", &"a".repeat(5_000), false),
        ] {
            assert_eq!(is_like(pattern, name), like, "{pattern} {name}");
        }
    }
}
