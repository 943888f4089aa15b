//! What Slack posts to the bot, where it is not heard by web sockets.

use std::net::SocketAddr;
use std::sync::Arc;

use tokio::sync::mpsc;
use tokio::task::JoinSet;

use super::Workspace;
use super::connect::Told;
use crate::room::SayError;

/// Begins to take what Slack posts, where that is the way.
///
/// # Errors
/// When the address cannot be taken.
pub(super) async fn open(
    _workspace: &Arc<Workspace>,
    _told: mpsc::Sender<(u64, Told)>,
) -> Result<JoinSet<()>, SayError> {
    Ok(JoinSet::new())
}

impl Workspace {
    /// # Errors
    /// When the address cannot be taken, in words that stand after "because".
    pub(super) async fn posts_are_taken(&self, _listen: SocketAddr) -> Result<(), String> {
        Ok(())
    }
}
