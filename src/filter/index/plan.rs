//! By what a tracker is found: of each way in which its tree can hold, one filter that is looked up, and what is left
//! to ask when it holds.

use std::sync::Arc;

use super::super::need::{Key, Needs};
use super::super::tree::Tree;
use super::super::{Filter, Sieve};

/// The fact that most trackers of a busy source name; those of one site are kept together.
pub const SCOPE: &str = "site";

/// How a tracker is found.
pub struct Plan<'t> {
    /// The only site that it wants.
    pub scope: Option<Box<str>>,
    /// None: it has to be asked about every item.
    pub ways: Vec<Way<'t>>,
    pub whole: Rest<'t>,
}

/// One way in which a tree can hold.
pub struct Way<'t> {
    pub filter: &'t Arc<dyn Filter>,
    /// Which choice of the filter's needs is looked up.
    pub choice: usize,
    pub rest: Rest<'t>,
}

/// What is left to ask.
pub enum Rest<'t> {
    Nothing,
    /// All of these.
    All(Vec<&'t Tree>),
    /// The whole tree, but for its scope.
    Whole,
}

/// Plans a sieve; `expects` says how often a key is found in an item.
pub fn plan<'t>(sieve: &'t Sieve, expects: &dyn Fn(&Key) -> f64) -> Plan<'t> {
    let mut parts: Vec<&Tree> = sieve.parts().iter().collect();
    if sieve.keeps_unsure() {
        // What an item lacks is not looked up.
        let whole = match parts.is_empty() {
            true => Rest::Nothing,
            false => Rest::All(parts),
        };
        return Plan {
            scope: None,
            ways: Vec::new(),
            whole,
        };
    }
    let scoped = parts.iter().position(|part| site(part).is_some());
    let scope = scoped.and_then(|at| site(parts.remove(at)));
    let (ways, rest) = match all(&parts, expects) {
        Some((_, ways)) => (ways, parts),
        None => (Vec::new(), parts),
    };
    let whole = if rest.is_empty() {
        Rest::Nothing
    } else {
        Rest::All(rest)
    };
    Plan { scope, ways, whole }
}

/// How often a sieve is found in an item; `None` where it has to be asked about every item.
pub fn expected(sieve: &Sieve, expects: &dyn Fn(&Key) -> f64) -> Option<f64> {
    if sieve.keeps_unsure() {
        return None;
    }
    let parts: Vec<&Tree> = sieve.parts().iter().collect();
    all(&parts, expects).map(|(found, _)| found)
}

/// The site that a part asks for, if it is one.
fn site(tree: &Tree) -> Option<Box<str>> {
    let Tree::Leaf(filter) = tree else {
        return None;
    };
    let needs = filter.needs();
    match (needs.enough, needs.choices.as_slice()) {
        (true, [keys]) => match keys.as_slice() {
            [Key::Name { fact: SCOPE, value }] => Some(value.clone()),
            _ => None,
        },
        _ => None,
    }
}

/// The ways of a tree, and how often one is found in an item.
type Ways<'t> = Option<(f64, Vec<Way<'t>>)>;

fn ways<'t>(tree: &'t Tree, expects: &dyn Fn(&Key) -> f64) -> Ways<'t> {
    match tree {
        Tree::Not(_) => None,
        Tree::Leaf(filter) => {
            let Needs { choices, .. } = filter.needs();
            let cost = |keys: &Vec<Key>| keys.iter().map(expects).sum::<f64>();
            let (choice, cost) = choices
                .iter()
                .map(cost)
                .enumerate()
                .min_by(|(_, a), (_, b)| a.total_cmp(b))?;
            let way = Way {
                filter,
                choice,
                rest: Rest::Nothing,
            };
            Some((cost, vec![way]))
        }
        Tree::All(parts) => all(&parts.iter().collect::<Vec<_>>(), expects),
        Tree::Any(parts) => {
            let mut sum = (0.0, Vec::new());
            for part in parts {
                let (cost, ways) = ways(part, expects)?;
                sum.0 += cost;
                sum.1.extend(ways);
            }
            Some(sum)
        }
    }
}

/// The ways of the part that is rarest; what is left to ask is the other parts.
fn all<'t>(parts: &[&'t Tree], expects: &dyn Fn(&Key) -> f64) -> Ways<'t> {
    let (at, (cost, mut ways)) = parts
        .iter()
        .enumerate()
        .filter_map(|(at, part)| Some((at, ways(part, expects)?)))
        .min_by(|(_, (a, _)), (_, (b, _))| a.total_cmp(b))?;
    let others = || {
        parts
            .iter()
            .enumerate()
            .filter(|(n, _)| *n != at)
            .map(|(_, part)| *part)
    };
    if parts.len() > 1 {
        match ways.as_mut_slice() {
            [way] => match &mut way.rest {
                Rest::Nothing => way.rest = Rest::All(others().collect()),
                Rest::All(rest) => rest.extend(others()),
                Rest::Whole => {}
            },
            // To write down the others for each of many ways could take much more room than the tree.
            many => many.iter_mut().for_each(|way| way.rest = Rest::Whole),
        }
    }
    Some((cost, ways))
}
