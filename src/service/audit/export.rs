//! The audit trail as a file.

use super::{EventsQuery, event_view};
use crate::{
    auth::{Access, Admin},
    service::{RegistryService, ServiceError},
};
use bytes::Bytes;
use futures::{Stream, stream};
use instant::{Timestamp, rows};
use model::view::EventView;
use serde::{Deserialize, Serialize};
use std::{borrow::Cow, collections::VecDeque};
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

/// Events that are read at a time.
const PAGE: u64 = 500;

/// How events are written down.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ExportFormat {
    /// One JSON object on each line.
    #[default]
    Jsonl,
    /// Comma-separated values (RFC 4180), with a heading.
    Csv,
}

impl ExportFormat {
    /// Its media type.
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Jsonl => "application/x-ndjson",
            Self::Csv => "text/csv; charset=utf-8; header=present",
        }
    }

    /// The name of such a file.
    pub fn file_name(self) -> &'static str {
        match self {
            Self::Jsonl => "audit.jsonl",
            Self::Csv => "audit.csv",
        }
    }

    fn heading(self) -> &'static str {
        match self {
            Self::Jsonl => "",
            Self::Csv => "at,actor,address,action,subject,detail,id\r\n",
        }
    }

    fn line(self, event: &EventView) -> String {
        match self {
            Self::Jsonl => serde_json::to_string(event).expect("texts and numbers serialise") + "\n",
            Self::Csv => {
                let detail = event.detail.as_ref().map(ToString::to_string).unwrap_or_default();
                let (at, id) = (rfc3339(event.at), event.id.to_string());
                let address = event.address.as_deref().unwrap_or_default();
                let cells = [&*at, &event.actor, address, &event.action, &event.subject, &detail, &id];
                cells.map(cell).join(",") + "\r\n"
            }
        }
    }
}

fn rfc3339(millis: i64) -> String {
    let at = OffsetDateTime::from_unix_timestamp_nanos(i128::from(millis) * 1_000_000).ok();
    at.and_then(|at| at.format(&Rfc3339).ok()).unwrap_or_default()
}

/// A quoted cell. What a spreadsheet would take for a formula gets an apostrophe in front.
fn cell(text: &str) -> String {
    let is_formula = text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']);
    let shown = if is_formula { Cow::Owned(format!("'{text}")) } else { Cow::Borrowed(text) };
    format!("\"{}\"", shown.replace('"', "\"\""))
}

/// Where an export stands.
struct Position {
    /// Everything newer was written.
    at: Option<Timestamp>,
    /// And so many of this very moment.
    seen: u64,
    ready: VecDeque<EventView>,
    ended: bool,
}

impl RegistryService {
    /// All events that a query asks for, whatever its offset and limit, newest
    /// first, read as they are taken. An error ends it before its end.
    pub fn export_events(
        &self,
        access: Access<Admin>,
        query: EventsQuery,
        format: ExportFormat,
    ) -> impl Stream<Item = Result<Bytes, ServiceError>> + use<> {
        let service = self.clone();
        let heading = stream::iter([Ok(Bytes::from_static(format.heading().as_bytes()))]);
        let begin = Position { at: None, seen: 0, ready: VecDeque::new(), ended: false };
        let lines = stream::try_unfold(begin, move |mut position| {
            let (service, access, query) = (service.clone(), access.clone(), query.clone());
            async move {
                if position.ready.is_empty() && !position.ended {
                    service.next_events(&access, &query, &mut position).await?;
                }
                if position.ready.is_empty() {
                    return Ok(None);
                }
                let text: String = position.ready.drain(..).map(|event| format.line(&event)).collect();
                Ok(Some((Bytes::from(text), position)))
            }
        });
        futures::StreamExt::chain(heading, lines)
    }

    async fn next_events(
        &self,
        access: &Access<Admin>,
        query: &EventsQuery,
        position: &mut Position,
    ) -> Result<(), ServiceError> {
        let tenant = &self.tenant(access)?;
        let mut asking = tenant.db.select::<rows::Event>().filter(query.filter()).order(rows::Event::AT.desc());
        match position.at {
            // Events come in meanwhile; none of them is older than what was written.
            Some(at) => asking = asking.filter(rows::Event::AT.lte(at)).offset(position.seen),
            None => self.send_events(tenant).await?,
        }
        let rows = asking.limit(PAGE).all().await?;
        position.ended = (rows.len() as u64) < PAGE;
        for row in &rows {
            if position.at == Some(row.at) {
                position.seen += 1;
            } else {
                (position.at, position.seen) = (Some(row.at), 1);
            }
        }
        position.ready.extend(rows.into_iter().map(event_view));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::EntityId;
    use serde_json::json;

    #[test]
    fn a_spreadsheet_takes_no_cell_for_a_formula() {
        for (text, written) in [
            ("operator", "\"operator\""),
            ("=1+1", "\"'=1+1\""),
            ("@SUM(A1)", "\"'@SUM(A1)\""),
            ("+1", "\"'+1\""),
            ("-1", "\"'-1\""),
            ("\t=1", "\"'\t=1\""),
            ("\r=1", "\"'\r=1\""),
            ("say \"hi\", then\nleave", "\"say \"\"hi\"\", then\nleave\""),
        ] {
            assert_eq!(cell(text), written);
        }
    }

    #[test]
    fn a_line_tells_all_of_an_event() {
        let event = EventView {
            id: EntityId::from_bytes([7; 16]),
            at: 1_700_000_000_123,
            actor: "operator".to_owned(),
            address: Some("203.0.113.7".to_owned()),
            action: "token.create".to_owned(),
            subject: "=x".to_owned(),
            detail: Some(json!({ "name": "ci" })),
        };
        let id = event.id;
        let csv = format!(
            "\"2023-11-14T22:13:20.123Z\",\"operator\",\"203.0.113.7\",\"token.create\",\"'=x\",\"{{\"\"name\"\":\"\"ci\"\"}}\",\"{id}\"\r\n"
        );
        assert_eq!(ExportFormat::Csv.line(&event), csv);
        let line = ExportFormat::Jsonl.line(&event);
        assert_eq!(serde_json::from_str::<EventView>(&line).unwrap(), event);
        assert_eq!(line.matches('\n').count(), 1);
    }
}
