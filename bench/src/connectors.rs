//! How long a connector's query takes against the same statement sent by the driver itself.

use crate::http::{Conn, call, request};
use crate::load::median;
use crate::process::Server;
use crate::report::{Figure, progress};
use crate::{Bench, Outcome};
use muster_store::testing;
use serde_json::{Value, json};
use sqlx::postgres::PgConnectOptions;
use sqlx::{ConnectOptions, Connection, Executor, PgConnection};
use std::str::FromStr;
use std::time::Instant;

/// Two hundred thousand orders of five thousand customers.
const ORDERS: &str = "CREATE TABLE orders (id bigint PRIMARY KEY, customer bigint, cents bigint, note text, placed_at timestamptz);
    INSERT INTO orders SELECT n, n % 5000, n * 7919 % 100000, 'order ' || n, timestamptz '2026-01-01' + n * interval '1 minute'
      FROM generate_series(1, 200000) n;
    ANALYZE orders";

/// What is asked: the name of the figure, and the statement. The aim is about those that take the database some work.
const STATEMENTS: [(&str, &str, bool); 3] = [
    ("one row by its key", "SELECT id, customer, cents, note, placed_at FROM orders WHERE id = 77777", false),
    ("1,000 rows", "SELECT id, customer, cents, note, placed_at FROM orders WHERE id <= 1000 ORDER BY id", false),
    (
        "a report of 100 rows",
        "SELECT customer, count(*) AS orders, sum(cents)::bigint AS cents FROM orders
          GROUP BY customer ORDER BY cents DESC LIMIT 100",
        true,
    ),
];

/// The most that a connector may take for what the driver takes 1 for.
const AIM: f64 = 1.3;

/// Asks a PostgreSQL database of its own, one query at a time.
pub(crate) async fn measure(bench: &Bench) -> Outcome<Vec<Figure>> {
    let (url, admin, name) = testing::create_postgres().await;
    let measured = ask(bench, &url).await;
    testing::drop_postgres(&admin, &name).await;
    measured
}

async fn ask(bench: &Bench, url: &str) -> Outcome<Vec<Figure>> {
    let options = PgConnectOptions::from_str(url)?.disable_statement_logging();
    let mut bare = options.connect().await?;
    bare.execute(ORDERS).await?;
    let folder = bench.folder()?;
    let allowed = [("MUSTER_ALLOW_PRIVATE_URLS", "on".to_owned())];
    let muster = Server::muster(&bench.program, folder.path(), &allowed).await?;
    let mut conn = Conn::open(muster.address).await?;
    let settings = json!({"host": options.get_host(), "port": options.get_port(), "user": options.get_username(),
        "database": options.get_database(), "password": password(url)});
    let made = json!({"name": "shop", "type": "postgresql", "settings": settings});
    call(&mut conn, "POST", "/v1/orgs/default/connectors", &made).await?;
    let mut figures = Vec::new();
    for (name, sql, aimed) in STATEMENTS {
        progress(&format!("connector query: {name} ..."));
        figures.push(compare(bench, (name, sql, aimed), &mut conn, &mut bare).await?);
    }
    muster.stop().await?;
    bare.close().await?;
    Ok(figures)
}

/// The one and the other in turn, so that what else the machine does meets both.
async fn compare(
    bench: &Bench,
    (name, sql, aimed): (&str, &'static str, bool),
    conn: &mut Conn,
    bare: &mut PgConnection,
) -> Outcome<Figure> {
    let asked = request("POST", "/v1/orgs/default/connectors/shop/_query", "", &json!({"query": sql}).to_string());
    let expected = sqlx::query(sql).fetch_all(&mut *bare).await?.len();
    let answer: Value = serde_json::from_slice(conn.exchange(&asked).await?.body)?;
    if answer["rowCount"] != expected {
        return Err(format!("the connector gave {answer} and the driver {expected} rows").into());
    }
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for _ in 0..if bench.quick { 50 } else { 300 } {
        let begun = Instant::now();
        sqlx::query(sql).fetch_all(&mut *bare).await?;
        theirs.push(begun.elapsed().as_secs_f64() * 1e3);
        let begun = Instant::now();
        conn.exchange(&asked).await?;
        ours.push(begun.elapsed().as_secs_f64() * 1e3);
    }
    let (mine, other) = (median(&mut ours), median(&mut theirs));
    let text = format!("p50 {mine:.2} ms, bare sqlx {other:.2} ms");
    let figure = Figure::plain(format!("connector query: {name}"), mine, text);
    Ok(if aimed { figure.within(mine / other, AIM) } else { figure.beside(mine / other) })
}

/// The password in a URL; a server that trusts needs none, but the setting may not be empty.
fn password(url: &str) -> &str {
    let user = url.split("://").nth(1).and_then(|rest| rest.split('@').next()).unwrap_or_default();
    user.split_once(':').map_or("unused", |(_, password)| password)
}
