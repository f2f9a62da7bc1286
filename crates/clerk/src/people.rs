//! What pages call a person: asked of Clerk once in a while, never waited for long.

use crate::{Backend, UserId, UserRecord};
use std::{sync::Arc, time::Duration};

/// Most people that are remembered.
const MOST: u64 = 10_000;

/// For this long nobody asks again, also where asking failed.
const FRESH: Duration = Duration::from_mins(5);

/// A page waits this long at most: it can be shown without a name.
const PATIENCE: Duration = Duration::from_secs(1);

/// Remembers people. Cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct People {
    backend: Backend,
    known: moka::sync::Cache<UserId, Option<Arc<UserRecord>>>,
}

impl People {
    /// Remembers nobody at first.
    pub(crate) fn new(backend: Backend) -> Self {
        let known = moka::sync::Cache::builder().max_capacity(MOST).time_to_live(FRESH).build();
        Self { backend: backend.with_patience(PATIENCE), known }
    }

    /// A person, if Clerk tells in time. Only ids from verified tokens belong
    /// here: each new one is a call.
    pub(crate) async fn person(&self, id: &UserId) -> Option<Arc<UserRecord>> {
        if let Some(known) = self.known.get(id) {
            return known;
        }
        let found = match self.backend.user(id).await {
            Ok(user) => Some(Arc::new(user)),
            Err(error) => {
                tracing::debug!(user = %id, %error, "a person's name cannot be read");
                None
            }
        };
        self.known.insert(id.clone(), found.clone());
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        ClerkSettings, InstanceKind,
        testing::{FakeClerk, Trouble},
    };

    #[tokio::test]
    async fn a_person_is_asked_for_once_also_where_nobody_answers() {
        let fake = FakeClerk::start(InstanceKind::Production);
        fake.user("user_ada", "Ada", &[]).trouble("/v1/users/user_bo", Trouble::Status(404));
        let settings = ClerkSettings::read(&fake.variables("http://localhost:3030")).unwrap().unwrap();
        let people = People::new(Backend::new(net::OperatorClient::new().unwrap(), &settings));
        let (ada, bo) = ("user_ada".parse().unwrap(), "user_bo".parse().unwrap());
        for _ in 0..3 {
            let known = people.person(&ada).await.unwrap();
            assert_eq!(known.first_name.as_deref(), Some("Ada"));
            assert_eq!(people.person(&bo).await, None);
        }
        assert_eq!((fake.calls("GET /v1/users/user_ada"), fake.calls("GET /v1/users/user_bo")), (1, 1));
    }
}
