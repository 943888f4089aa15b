//! Spreads the requests that are left: everything as often as is wanted, or the slow ones less often.

/// How many times as long as wanted a stream waits before a faster one has to.
const STRETCH: f64 = 8.0;
/// The longest wait that comes from stretching alone, in seconds.
const DAY: f64 = 86_400.0;

/// What one stream would like.
#[derive(Clone, Debug)]
pub(super) struct Wish<'a> {
    pub key: &'a str,
    /// Seconds from one look to the next.
    pub every: f64,
    /// Requests for one look.
    pub cost: f64,
    /// Items an hour.
    pub rate: f64,
}

/// What the streams get, in the order of the wishes.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Plan {
    /// Seconds from one look to the next; without an end where there is nothing left.
    pub every: Vec<f64>,
    /// Requests that this takes within the time.
    pub takes: f64,
}

/// Spreads `left` requests over the next `time` seconds.
///
/// What wants to be looked at seldom is slowed first, and of those the quietest: each waits up to eight times as long
/// as it wants, a day at most, before the next has to wait at all. When all wait so long and it is still too much, all
/// wait longer by the same factor.
pub(super) fn spread(wishes: &[Wish<'_>], left: f64, time: f64) -> Plan {
    let takes = |wish: &Wish<'_>, every: f64| wish.cost * time / every;
    let mut every: Vec<f64> = wishes.iter().map(|wish| wish.every).collect();
    let mut sum: f64 = wishes.iter().map(|wish| takes(wish, wish.every)).sum();
    let mut order: Vec<usize> = (0..wishes.len()).collect();
    order.sort_unstable_by(|a, b| {
        let (a, b) = (&wishes[*a], &wishes[*b]);
        let slowest = b.every.total_cmp(&a.every);
        let quietest = a.rate.total_cmp(&b.rate);
        slowest.then(quietest).then_with(|| a.key.cmp(b.key))
    });
    for at in order {
        if sum <= left {
            return Plan { every, takes: sum };
        }
        let wish = &wishes[at];
        let longest = (wish.every * STRETCH).min(DAY).max(wish.every);
        let (now, least) = (takes(wish, wish.every), takes(wish, longest));
        let over = sum - left;
        if now - least >= over {
            every[at] = wish.cost * time / (now - over);
            return Plan { every, takes: left };
        }
        every[at] = longest;
        sum -= now - least;
    }
    if sum > left {
        let factor = if left > 0.0 {
            sum / left
        } else {
            f64::INFINITY
        };
        every.iter_mut().for_each(|every| *every *= factor);
        sum = left.max(0.0);
    }
    Plan { every, takes: sum }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn wish(key: &str, every: f64, rate: f64) -> Wish<'_> {
        Wish {
            key,
            every,
            cost: 1.0,
            rate,
        }
    }

    #[test]
    fn what_fits_stays_as_it_is() {
        let wishes = [wish("a", 300.0, 1.0), wish("b", 60.0, 9.0)];
        let plan = spread(&wishes, 1728.0, DAY);
        assert_eq!(plan.every, [300.0, 60.0]);
        assert_eq!(plan.takes, 288.0 + 1440.0);
    }

    #[test]
    fn slow_ones_are_slowed_first_and_of_those_the_quietest() {
        let wishes = [
            wish("fast", 60.0, 1.0),
            wish("loud", 300.0, 50.0),
            wish("quiet", 300.0, 0.1),
            wish("hourly", 3600.0, 99.0),
        ];
        // Wanted: 1440 + 288 + 288 + 24.
        let every = |left| spread(&wishes, left, DAY).every;
        assert_eq!(every(2028.0), [60.0, 300.0, 300.0, 7200.0]);
        assert_eq!(every(2019.0), [60.0, 300.0, 300.0, 28_800.0]);
        assert_eq!(every(1875.0), [60.0, 300.0, 600.0, 28_800.0]);
        assert_eq!(every(1767.0), [60.0, 300.0, 2400.0, 28_800.0]);
        assert_eq!(every(1515.0), [60.0, 2400.0, 2400.0, 28_800.0]);
        assert_eq!(every(255.0), [480.0, 2400.0, 2400.0, 28_800.0]);
        assert_eq!(every(127.5), [960.0, 4800.0, 4800.0, 57_600.0]);
        assert!(every(0.0).iter().all(|every| every.is_infinite()));
    }

    /// A stream: wanted seconds, cost and rate.
    fn streams() -> impl Strategy<Value = Vec<(u32, f64, f64)>> {
        prop::collection::vec((1..200_000_u32, 0.05..20.0, 0.0..500.0), 0..40)
    }

    fn wishes(streams: &[(u32, f64, f64)]) -> Vec<Wish<'static>> {
        let wish = |(every, cost, rate): &(u32, f64, f64)| Wish {
            key: "",
            every: f64::from(*every),
            cost: *cost,
            rate: *rate,
        };
        streams.iter().map(wish).collect()
    }

    proptest! {
        #[test]
        fn no_more_is_planned_than_there_is(all in streams(), left in 0.0..20_000.0, time in 1.0..DAY) {
            let wishes = wishes(&all);
            let plan = spread(&wishes, left, time);
            let takes: f64 = wishes.iter().zip(&plan.every).map(|(wish, every)| wish.cost * time / every).sum();
            prop_assert!(takes <= left * 1.000_001 + 1e-6, "{takes} of {left}");
            prop_assert!((takes - plan.takes).abs() <= 1e-6 * takes.max(1.0));
            for (wish, every) in wishes.iter().zip(&plan.every) {
                prop_assert!(*every >= wish.every * 0.999_999, "nothing is looked at more often than wanted");
            }
        }

        #[test]
        fn the_fast_wait_only_when_the_slow_wait_as_long_as_they_can(all in streams(), left in 1.0..20_000.0) {
            let wishes = wishes(&all);
            let plan = spread(&wishes, left, DAY);
            let longest = |every: f64| (every * STRETCH).min(DAY).max(every);
            for (a, got) in wishes.iter().zip(&plan.every) {
                let waits = *got > a.every * 1.000_001;
                for (b, other) in wishes.iter().zip(&plan.every) {
                    if waits && b.every > a.every {
                        prop_assert!(*other >= longest(b.every) * 0.999_999);
                    }
                }
            }
        }

        #[test]
        fn more_requests_slow_nobody_and_more_streams_hasten_nobody(
            all in streams(), left in 0.0..20_000.0, more in 0.0..5000.0,
        ) {
            let wishes = wishes(&all);
            let plan = spread(&wishes, left, DAY);
            let richer = spread(&wishes, left + more, DAY);
            for (poor, rich) in plan.every.iter().zip(&richer.every) {
                prop_assert!(*rich <= poor * 1.000_001, "{rich} after {poor}");
            }
            if let Some((_, fewer)) = wishes.split_last() {
                let alone = spread(fewer, left, DAY);
                for (alone, together) in alone.every.iter().zip(&plan.every) {
                    prop_assert!(*alone <= together * 1.000_001, "{alone} before {together}");
                }
            }
        }
    }
}
