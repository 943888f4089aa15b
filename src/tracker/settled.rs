//! Recipes as they are kept.

use super::{Trackers, expiry};
use crate::filter::Sieve;
use crate::model::{Recipe, Refusal};
use crate::printer;
use crate::registry;
use crate::source;
use crate::when::{self, Every, Reading};

impl Trackers {
    /// Checks a recipe and puts it into its canonical spelling: dates that were relative become fixed, times
    /// are said in full.
    ///
    /// # Errors
    /// What of it is not understood, or is more often than the operator allows.
    pub fn settle(&self, mut recipe: Recipe, reading: &Reading) -> Result<Recipe, Refusal> {
        recipe.source = source::build(&recipe.source)?.settled(recipe.source, &self.shared)?;
        recipe.printer = registry::find(printer::ALL, &recipe.printer, "printer")
            .map_err(|refusal| refusal.about("as"))?
            .name
            .to_string();
        if let Some(words) = &recipe.every {
            let every = when::every(words).map_err(|refusal| refusal.about("every"))?;
            if every.shortest() < self.limits.least_every {
                let least = Every::Interval(self.limits.least_every);
                return Err(Refusal::new(format!(
                    "`{}` is too often; the most often here is `{least}`.",
                    Every::Interval(every.shortest())
                ))
                .hint(format!("write `{least}`, or a longer time"))
                .about("every"));
            }
            recipe.every = Some(every.to_string());
        }
        if let Some(words) = &recipe.expires {
            recipe.expires = Some(expiry::settle(words)?);
        }
        recipe.source.kind = registry::find(source::ALL, &recipe.source.kind, "source")?
            .name
            .to_string();
        let where_wrong = |refusal: Refusal| match recipe.query {
            Some(_) => refusal.about("where"),
            None => refusal,
        };
        let sieve = Sieve::build_new(&recipe, reading).map_err(where_wrong)?;
        if let Some(reader) = sieve
            .readers()
            .iter()
            .find(|name| self.readers.is_unset(name))
        {
            return Err(Refusal::new(format!(
                "`{reader}` has to be looked up, and nobody has told me where."
            ))
            .hint(format!(
                "the operator can set it in `config.toml`: `url` under `[fact.{reader}]`"
            )));
        }
        (recipe.filter, recipe.query) = sieve.canonical();
        Ok(recipe)
    }
}
