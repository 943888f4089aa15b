//! What the program tells the supervisor that started it, such as systemd: that it is ready, that it lives, that it stops.
//!
//! The words are those of sd_notify(3): <https://www.freedesktop.org/software/systemd/man/latest/sd_notify.html>. Without a
//! `NOTIFY_SOCKET` in the environment nobody hears them.

use std::time::{Duration, Instant};

use boson::watch::{Pulse, Stage};
use sd_notify::NotifyState;
use tokio::sync::{oneshot, watch};

/// How often the line of `systemctl status` is looked after where no sign of life is wanted.
const STATUS: Duration = Duration::from_secs(30);

/// How long a start may take, as `TimeoutStartSec` of `contrib/boson.service` has it.
const START: Duration = Duration::from_secs(5 * 60);

/// Tells how a bot does until it ends; `begins` brings its pulse once it is built.
pub async fn tell(begins: oneshot::Receiver<Pulse>) {
    // Twice as often as is wanted: the machine may be slow once.
    let life = sd_notify::watchdog_enabled().map(|within| within / 2);
    let Some((pulse, mut stage)) = started(begins, life).await else {
        return;
    };
    let mut said = String::new();
    if *stage.borrow() == Stage::Running {
        said = pulse.words();
        notify(&[NotifyState::Ready, NotifyState::Status(&said)]);
    }
    loop {
        match *stage.borrow_and_update() {
            Stage::Starting | Stage::Running => {}
            Stage::Stopping => {
                notify(&[NotifyState::Stopping, NotifyState::Status("it stops")]);
                break;
            }
            // The process stays: whoever is told that it stops would end it after a while.
            Stage::Rebooting => {
                let mut states = vec![NotifyState::Reloading, NotifyState::Status("it reboots")];
                states.extend(NotifyState::monotonic_usec_now());
                notify(&states);
                break;
            }
        }
        let changed = tokio::time::timeout(life.unwrap_or(STATUS), stage.changed()).await;
        if changed.is_ok() {
            continue;
        }
        // A loop that takes no turns is dead, however well all else goes on.
        if let Some(life) = life
            && pulse.takes_turn(life).await
        {
            notify(&[NotifyState::Watchdog]);
        }
        let words = pulse.words();
        if words != said {
            notify(&[NotifyState::Status(&words)]);
            said = words;
        }
    }
    // The last words have limits of their own, and then it has ended.
    while let Some(life) = life {
        notify(&[NotifyState::Watchdog]);
        if tokio::time::timeout(life, std::future::pending::<()>())
            .await
            .is_ok()
        {
            return;
        }
    }
}

/// The pulse of a bot that has started; none when it never will. Who reboots was ready before, so signs of life are wanted
/// all the while, and are given for as long as a start may take.
async fn started(
    begins: oneshot::Receiver<Pulse>,
    life: Option<Duration>,
) -> Option<(Pulse, watch::Receiver<Stage>)> {
    let starts = async {
        let pulse = begins.await.ok()?;
        let mut stage = pulse.stage();
        stage
            .wait_for(|stage| *stage != Stage::Starting)
            .await
            .ok()?;
        Some((pulse, stage))
    };
    tokio::pin!(starts);
    let begun = Instant::now();
    loop {
        if life.is_some() && begun.elapsed() < START {
            notify(&[NotifyState::Watchdog]);
        }
        if let Ok(started) = tokio::time::timeout(life.unwrap_or(START), &mut starts).await {
            return started;
        }
    }
}

fn notify(states: &[NotifyState<'_>]) {
    if let Err(error) = sd_notify::notify(states) {
        tracing::warn!(%error, "the supervisor cannot be told");
    }
}
