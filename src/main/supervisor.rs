//! What the program tells the supervisor that started it, such as systemd: that it is ready, that it lives, that it stops.
//!
//! The words are those of sd_notify(3): <https://www.freedesktop.org/software/systemd/man/latest/sd_notify.html>. Without a
//! `NOTIFY_SOCKET` in the environment nobody hears them.

use std::time::Duration;

use boson::watch::{Pulse, Stage};
use sd_notify::NotifyState;

/// How often the line of `systemctl status` is looked after where no sign of life is wanted.
const STATUS: Duration = Duration::from_secs(30);

/// Tells how a bot does until it ends.
pub async fn tell(pulse: Pulse) {
    // Twice as often as is wanted: the machine may be slow once.
    let life = sd_notify::watchdog_enabled().map(|within| within / 2);
    let mut stage = pulse.stage();
    if stage
        .wait_for(|stage| *stage != Stage::Starting)
        .await
        .is_err()
    {
        return;
    }
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

fn notify(states: &[NotifyState<'_>]) {
    if let Err(error) = sd_notify::notify(states) {
        tracing::warn!(%error, "the supervisor cannot be told");
    }
}
