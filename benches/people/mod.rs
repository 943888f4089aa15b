//! A bot beside the people who talk to it.

use boson::bot::Bot;

/// Runs the bot until people have talked enough and stopped it; ends at once when one of both fails.
pub async fn run<T>(bot: Bot, people: impl Future<Output = T> + Send + 'static) -> T
where
    T: Send + 'static,
{
    let mut people = tokio::spawn(people);
    // As in the program, on a thread of the runtime.
    let mut running = tokio::spawn(bot.run());
    let early = tokio::select! {
        said = &mut people => Some(said.expect("people who talk to the end")),
        ended = &mut running => {
            ended
                .expect("no panics")
                .expect("a loop that ends in order");
            None
        }
    };
    match early {
        Some(said) => {
            running
                .await
                .expect("no panics")
                .expect("a loop that ends in order");
            said
        }
        None => people.await.expect("people who talk to the end"),
    }
}
