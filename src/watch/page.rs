//! The three pages for whoever watches: `/healthz`, `/readyz`, `/metrics`.

use std::time::Duration;

use super::{Pulse, Stage};
use crate::http::{Answered, Inbox, Posted};
use crate::meter;

/// How long the loop may take to give a sign of life before it is asked how long it has given none.
const MOMENT: Duration = Duration::from_millis(500);
/// After so long without a sign the process counts as dead. A copy of a large store is made within it.
pub const SILENCE: Duration = Duration::from_secs(30);

/// Answers what is asked at this address, until it is dropped.
pub async fn serve(inbox: Inbox, pulse: Pulse) {
    inbox
        .take(move |asked| {
            let pulse = pulse.clone();
            async move { answer(&asked, &pulse).await }
        })
        .await;
}

async fn answer(asked: &Posted, pulse: &Pulse) -> Answered {
    let known = matches!(asked.path.as_str(), "/healthz" | "/readyz" | "/metrics");
    if !known {
        return said(404, "there are /healthz, /readyz and /metrics");
    }
    if !matches!(asked.method.as_str(), "GET" | "HEAD") {
        return said(405, "it can only be read");
    }
    match asked.path.as_str() {
        "/healthz" => health(pulse).await,
        "/readyz" => ready(pulse).await,
        _ => metrics(pulse).await,
    }
}

/// Whether the process lives.
async fn health(pulse: &Pulse) -> Answered {
    let ends = matches!(*pulse.stage().borrow(), Stage::Stopping | Stage::Rebooting);
    if ends || pulse.takes_turn(MOMENT).await {
        return said(200, "it lives");
    }
    let silent = pulse.silent();
    let words = format!("the loop has taken no turn for {} s", silent.as_secs());
    match silent < SILENCE {
        true => said(200, &words),
        false => said(503, &words),
    }
}

/// Whether it is of use.
async fn ready(pulse: &Pulse) -> Answered {
    let mut lacks = pulse.lacks();
    if lacks.is_empty() && !pulse.takes_turn(MOMENT).await {
        let silent = pulse.silent();
        if silent >= SILENCE {
            lacks.push(format!(
                "the loop has taken no turn for {} s",
                silent.as_secs()
            ));
        }
    }
    match lacks.is_empty() {
        true => said(200, &pulse.words()),
        false => said(503, &lacks.join("\n")),
    }
}

/// What was counted; where the loop gives no fresh figures, with those it gave last.
async fn metrics(pulse: &Pulse) -> Answered {
    let Some(meter) = meter::meter() else {
        return said(503, "nothing is counted");
    };
    pulse.takes_stock(MOMENT).await;
    meter.silent.set(pulse.silent().as_secs_f64());
    Answered {
        content_type: meter::CONTENT_TYPE,
        body: meter.text().into_bytes(),
        ..Answered::status(200)
    }
}

fn said(status: u16, words: &str) -> Answered {
    Answered {
        body: format!("{words}\n").into_bytes(),
        ..Answered::status(status)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::*;

    fn get(path: &str) -> Posted {
        Posted {
            method: "GET".into(),
            path: path.into(),
            query: String::new(),
            headers: Vec::new(),
            body: Vec::new(),
        }
    }

    async fn asked(path: &str, pulse: &Pulse) -> (u16, String) {
        let answered = answer(&get(path), pulse).await;
        let words = String::from_utf8(answered.body).unwrap();
        (answered.status, words)
    }

    /// A moment so long ago that it counts as silence.
    fn long_ago() -> Option<Instant> {
        Instant::now().checked_sub(SILENCE)
    }

    #[tokio::test]
    async fn a_loop_that_hangs_counts_as_dead_after_a_while() {
        let pulse = Pulse::default();
        pulse.reaches(Stage::Running);
        pulse.begins();
        let (status, words) = asked("/healthz", &pulse).await;
        assert_eq!(status, 200, "{words}");
        assert!(
            words.starts_with("the loop has taken no turn for "),
            "{words}"
        );
        assert_eq!(asked("/readyz", &pulse).await.0, 200);
        pulse.state().turn = long_ago();
        for page in ["/healthz", "/readyz"] {
            let (status, words) = asked(page, &pulse).await;
            assert_eq!(status, 503);
            assert!(
                words.starts_with("the loop has taken no turn for 3"),
                "{words}"
            );
        }
        // A turn that has ended is a sign of life, however long it took.
        pulse.ends();
        pulse.shown();
        assert_eq!(asked("/healthz", &pulse).await.0, 200);
    }

    #[tokio::test]
    async fn one_that_does_not_wake_counts_as_dead_once_it_was_asked_for_long() {
        let pulse = Pulse::default();
        pulse.reaches(Stage::Running);
        assert_eq!(asked("/healthz", &pulse).await.0, 200, "nobody had asked");
        pulse.state().asked = long_ago();
        assert_eq!(asked("/healthz", &pulse).await.0, 503);
        pulse.reaches(Stage::Stopping);
        assert_eq!(asked("/healthz", &pulse).await.0, 200, "it ends in order");
        assert_eq!(asked("/readyz", &pulse).await, (503, "it stops\n".into()));
    }
}
