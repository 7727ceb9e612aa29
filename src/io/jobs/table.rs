//! What are the tables of jobs, and the statements on them?

use std::path::Path;

use rusqlite::Connection;
use rusqlite::OptionalExtension as _;
use rusqlite::Row as Values;
use rusqlite::Transaction;
use rusqlite::params;

use crate::io::jobs::Change;
use crate::io::jobs::Kept;
use crate::io::jobs::Loaded;
use crate::io::jobs::Row;
use crate::io::jobs::Seen;
use crate::io::jobs::Standing;
use crate::io::sqlite::Error;
use crate::io::sqlite::Schema;

/// The tables. A step that was ever released is never changed; another is added.
pub(super) const SCHEMA: Schema = Schema {
    name: "jobs",
    // "hivj".
    application_id: 0x6869_766a,
    steps: &["
CREATE TABLE opened (times INTEGER NOT NULL) STRICT;
INSERT INTO opened VALUES (0);
CREATE TABLE results (
    number INTEGER PRIMARY KEY,
    key TEXT NOT NULL,
    summary TEXT NOT NULL,
    size INTEGER NOT NULL,
    packed BLOB NOT NULL
) STRICT;
CREATE TABLE jobs (
    number INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL,
    title TEXT NOT NULL,
    workspace TEXT,
    key TEXT NOT NULL,
    created_ms INTEGER NOT NULL,
    state TEXT NOT NULL,
    is_paused INTEGER NOT NULL,
    stage TEXT NOT NULL,
    done INTEGER NOT NULL,
    total INTEGER NOT NULL,
    message TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    crashes INTEGER NOT NULL,
    started_ms INTEGER,
    ended_ms INTEGER,
    ended_number INTEGER NOT NULL,
    error TEXT,
    result INTEGER REFERENCES results (number),
    is_cached INTEGER NOT NULL,
    request TEXT NOT NULL,
    steps TEXT NOT NULL
) STRICT;
CREATE INDEX jobs_result ON jobs (result);
"],
};

/// Counts the opening, and returns what is there.
pub(super) fn load(connection: &Connection, path: &Path) -> Result<Loaded, Error> {
    let read = || -> rusqlite::Result<Loaded> {
        let opened_before = connection.query_row("SELECT times FROM opened", [], |row| natural(row, 0))?;
        connection.execute("UPDATE opened SET times = times + 1", [])?;
        let mut statement = connection.prepare(
            "SELECT number, id, kind, title, workspace, key, created_ms, state, is_paused, stage, done, total, message, \
             attempts, crashes, started_ms, ended_ms, ended_number, error, result, is_cached, \
             CASE WHEN state IN ('pending', 'running') THEN request ELSE '' END FROM jobs ORDER BY number",
        )?;
        let rows = statement.query_map([], row)?.collect::<rusqlite::Result<_>>()?;
        let mut statement =
            connection.prepare("SELECT number, key, summary, length(packed) FROM results ORDER BY number")?;
        let results = statement.query_map([], kept)?.collect::<rusqlite::Result<_>>()?;
        Ok(Loaded { opened_before, rows, results })
    };
    read().map_err(|error| match error {
        // What cannot be understood has not been written by this hive, nor by an older one.
        rusqlite::Error::FromSqlConversionFailure(..)
        | rusqlite::Error::InvalidColumnType(..)
        | rusqlite::Error::QueryReturnedNoRows
        | rusqlite::Error::IntegralValueOutOfRange(..) => Error::damaged(path, error.to_string()),
        error => Error::at(path)(error),
    })
}

fn row(values: &Values<'_>) -> rusqlite::Result<Row> {
    Ok(Row {
        number: natural(values, 0)?,
        id: values.get(1)?,
        kind: values.get(2)?,
        title: values.get(3)?,
        workspace: values.get(4)?,
        key: values.get(5)?,
        created_ms: values.get(6)?,
        request: values.get(21)?,
        standing: Standing {
            state: values.get(7)?,
            is_paused: values.get(8)?,
            seen: Seen {
                stage: values.get(9)?,
                done: natural(values, 10)?,
                total: natural(values, 11)?,
                message: values.get(12)?,
            },
            attempts: values.get(13)?,
            crashes: values.get(14)?,
            started_ms: values.get(15)?,
            ended_ms: values.get(16)?,
            ended_number: natural(values, 17)?,
            error: values.get(18)?,
            result: values.get::<_, Option<i64>>(19)?.map(i64::unsigned_abs),
            is_cached: values.get(20)?,
        },
    })
}

fn kept(values: &Values<'_>) -> rusqlite::Result<Kept> {
    Ok(Kept {
        number: natural(values, 0)?,
        key: values.get(1)?,
        summary: values.get(2)?,
        stored_bytes: natural(values, 3)?,
    })
}

/// Returns the size of a result and its packed bytes.
pub(super) fn result(connection: &Connection, number: u64) -> rusqlite::Result<Option<(u64, Vec<u8>)>> {
    let mut statement = connection.prepare("SELECT size, packed FROM results WHERE number = ?1")?;
    statement.query_row([integer(number)], |row| Ok((natural(row, 0)?, row.get(1)?))).optional()
}

/// Returns the request and the steps of a job.
pub(super) fn detail(connection: &Connection, number: u64) -> rusqlite::Result<Option<(String, String)>> {
    let mut statement = connection.prepare("SELECT request, steps FROM jobs WHERE number = ?1")?;
    statement.query_row([integer(number)], |row| Ok((row.get(0)?, row.get(1)?))).optional()
}

/// Makes a change.
pub(super) fn write(transaction: &Transaction<'_>, change: &Change) -> rusqlite::Result<()> {
    match change {
        Change::Accept(row) => accept(transaction, row),
        Change::Stand { number, standing, steps } => stand(transaction, *number, standing, steps.as_deref()),
        Change::Further { number, attempt, seen } => transaction
            .execute(
                "UPDATE jobs SET stage = ?3, done = ?4, total = ?5, message = ?6 \
                 WHERE number = ?1 AND attempts = ?2 AND state = 'running'",
                params![integer(*number), attempt, seen.stage, integer(seen.done), integer(seen.total), seen.message],
            )
            .map(|_| ()),
        Change::Result { kept, packed, size } => transaction
            .execute(
                "INSERT INTO results (number, key, summary, size, packed) VALUES (?1, ?2, ?3, ?4, ?5)",
                params![integer(kept.number), kept.key, kept.summary, integer(*size), packed],
            )
            .map(|_| ()),
        // Writes the page all the same.
        Change::Nothing => transaction.execute("UPDATE opened SET times = times", []).map(|_| ()),
        Change::Forget { jobs, results } => {
            // The jobs first: they name the results.
            for (numbers, statement) in
                [(jobs, "DELETE FROM jobs WHERE number = ?1"), (results, "DELETE FROM results WHERE number = ?1")]
            {
                let mut statement = transaction.prepare(statement)?;
                for number in numbers {
                    statement.execute([integer(*number)])?;
                }
            }
            Ok(())
        }
    }
}

fn accept(transaction: &Transaction<'_>, row: &Row) -> rusqlite::Result<()> {
    let standing = &row.standing;
    transaction.execute(
        "INSERT INTO jobs (number, id, kind, title, workspace, key, created_ms, state, is_paused, stage, done, total, \
         message, attempts, crashes, started_ms, ended_ms, ended_number, error, result, is_cached, request, steps) VALUES \
         (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22, '[]')",
        params![
            integer(row.number),
            row.id,
            row.kind,
            row.title,
            row.workspace,
            row.key,
            row.created_ms,
            standing.state,
            standing.is_paused,
            standing.seen.stage,
            integer(standing.seen.done),
            integer(standing.seen.total),
            standing.seen.message,
            standing.attempts,
            standing.crashes,
            standing.started_ms,
            standing.ended_ms,
            integer(standing.ended_number),
            standing.error,
            standing.result.map(integer),
            standing.is_cached,
            row.request,
        ],
    )?;
    Ok(())
}

fn stand(transaction: &Transaction<'_>, number: u64, standing: &Standing, steps: Option<&str>) -> rusqlite::Result<()> {
    transaction.execute(
        "UPDATE jobs SET state = ?2, is_paused = ?3, stage = ?4, done = ?5, total = ?6, message = ?7, attempts = ?8, \
         crashes = ?9, started_ms = ?10, ended_ms = ?11, ended_number = ?12, error = ?13, result = ?14, is_cached = ?15, \
         steps = coalesce(?16, steps) WHERE number = ?1",
        params![
            integer(number),
            standing.state,
            standing.is_paused,
            standing.seen.stage,
            integer(standing.seen.done),
            integer(standing.seen.total),
            standing.seen.message,
            standing.attempts,
            standing.crashes,
            standing.started_ms,
            standing.ended_ms,
            integer(standing.ended_number),
            standing.error,
            standing.result.map(integer),
            standing.is_cached,
            steps,
        ],
    )?;
    Ok(())
}

/// SQLite's integers have a sign; no count of ours comes near it.
fn integer(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

fn natural(row: &Values<'_>, index: usize) -> rusqlite::Result<u64> {
    let value: i64 = row.get(index)?;
    u64::try_from(value).map_err(|_| rusqlite::Error::IntegralValueOutOfRange(index, value))
}
