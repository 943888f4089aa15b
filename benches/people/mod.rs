//! A bot beside the people who talk to it.

use boson::bot::Bot;
use futures_util::future::{Either, select};

/// Runs the bot until people have talked enough and stopped it; ends at once when one of both fails.
pub async fn run<T>(bot: Bot, people: impl Future<Output = T> + Send + 'static) -> T
where
    T: Send + 'static,
{
    let people = tokio::spawn(people);
    // As in the program, the loop has the thread that waits for it.
    let running = std::pin::pin!(bot.run());
    match select(people, running).await {
        Either::Left((said, running)) => {
            let said = said.expect("people who talk to the end");
            running.await.expect("a loop that ends in order");
            said
        }
        Either::Right((ended, people)) => {
            ended.expect("a loop that ends in order");
            people.await.expect("people who talk to the end")
        }
    }
}
