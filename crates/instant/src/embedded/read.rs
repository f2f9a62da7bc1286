//! Answers to queries.

mod links;
mod rows;
mod sort;

pub(super) use rows::{Row, id};

use super::answer::Answer;
use super::catalog::Catalog;
use super::condition::Stop;
use super::file_url::FileUrls;
use super::plan::{self, Plan};
use crate::query::{self, Form, Query, Where};
use crate::store::{Tree, TxId};
use crate::{InstantError, Timestamp};
use rusqlite::Connection;
use serde_json::{Map, Value, json};
use std::sync::Arc;

/// Reads one state of the database.
pub(super) struct Reader<'a> {
    pub(super) connection: &'a Connection,
    pub(super) catalog: &'a Catalog,
    /// Signs the addresses of files, where they are served.
    pub(super) urls: Option<Arc<FileUrls>>,
}

impl Reader<'_> {
    /// The answer to a query; page info and numbers only `with_meta`.
    pub(super) fn answer(&self, query: &Query, with_meta: bool) -> Result<Answer, InstantError> {
        let plans = query
            .forms
            .iter()
            .map(|(etype, form)| Ok((etype, plan::of_form(self.catalog, etype, form, &[etype.as_str().into()])?)))
            .collect::<Result<Vec<_>, Stop>>()
            .map_err(|stop| refusal(stop, query))?;
        let (mut tree, mut pages, mut counts) = (Tree::new(), Map::new(), Map::new());
        for (etype, plan) in &plans {
            let mut values = Vec::new();
            match plan {
                Some(plan) if plan.form.count => {
                    if with_meta {
                        counts.insert((*etype).clone(), json!({ "count": self.count_of(plan)? }));
                    }
                }
                Some(plan) => {
                    let (found, info) = self.top(plan, with_meta)?;
                    if let Some(info) = info {
                        pages.insert((*etype).clone(), info);
                    }
                    values = self.complete(plan, found, query.inference)?;
                }
                None => {}
            }
            tree.insert((*etype).clone(), values.into());
        }
        let processed = self.connection.query_row("SELECT tx FROM meta", [], |row| row.get(0)).map(TxId)?;
        Ok(Answer { tree, meta: json!({ "page-info": pages, "aggregate": counts }), processed })
    }

    /// How many entities fulfil a filter.
    pub(super) fn count(&self, etype: &str, filter: &Where) -> Result<u64, InstantError> {
        let query = Query::of(etype, Form { filter: filter.clone(), count: true, ..Form::default() });
        let [(_, form)] = query.forms.as_slice() else {
            return Ok(0);
        };
        let plan = plan::of_form(self.catalog, etype, form, &[etype.into()]);
        match plan.map_err(|stop| refusal(stop, &query))? {
            Some(plan) => self.count_of(&plan),
            None => Ok(0),
        }
    }

    fn top(&self, plan: &Plan<'_>, with_meta: bool) -> Result<(Vec<Row>, Option<Value>), InstantError> {
        let Some(page) = &plan.page else {
            return Ok((self.all(plan)?, None));
        };
        let found = self.page(plan, page, with_meta)?;
        let info = with_meta.then(|| page.info(&plan.namespace, &found));
        Ok((found.rows, info))
    }

    /// The rows with their links, in the order of the answer.
    fn complete(&self, plan: &Plan<'_>, mut rows: Vec<Row>, inference: bool) -> Result<Vec<Value>, InstantError> {
        sort::sort(&plan.namespace, plan.form.order.as_ref(), &mut rows);
        self.link(plan, &mut rows, inference)?;
        Ok(rows.into_iter().map(|row| row.values.into()).collect())
    }

    /// Gives rows of `$files` their addresses.
    fn sign(&self, plan: &Plan<'_>, rows: &mut [Row]) {
        let Some(urls) = self.urls.as_ref().filter(|_| plan.namespace.name == "$files") else {
            return;
        };
        let now = Timestamp::now();
        for row in rows {
            if let Some(location) = row.values.get("location-id").and_then(Value::as_str) {
                let url = urls.url(location, now);
                row.values.insert("url".to_owned(), url.into());
            }
        }
    }
}

fn refusal(stop: Stop, query: &Query) -> InstantError {
    let (data_type, input, problems) = match stop {
        // Plans turn what is unknown into an empty answer.
        Stop::Unknown => ("query", query.to_json(), Vec::new()),
        Stop::Refused(None, problems) => ("query", query.to_json(), problems),
        Stop::Refused(Some((data_type, input)), problems) => (data_type, input, problems),
    };
    query::refusal(data_type, input, &problems)
}
