//! A server of SCIM of any make, and what a provisioning client asks it: people and groups made one by one and in bulk, looked for, listed, put in and out of
//! a group, and synchronised when nothing has changed. Knows nothing of who the server is.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use anyhow::{Context as _, bail};
use serde_json::{Value, json};

use crate::http::{self, Connection};
use crate::load::Operation;
use crate::process::Process;
use crate::world::{World, escape};

const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
const GROUP: &str = "urn:ietf:params:scim:schemas:core:2.0:Group";
const PATCH: &str = "urn:ietf:params:scim:api:messages:2.0:PatchOp";
const BULK: &str = "urn:ietf:params:scim:api:messages:2.0:BulkRequest";

/// Members of each of the groups of a load.
pub(crate) const MEMBERS: usize = 10;
/// Members that a group is given by one request while it is filled.
const MEMBERS_AT_ONCE: usize = 5_000;
/// Resources of a page.
pub(crate) const PAGE: usize = 100;
/// Resources of a page on the way to the last one.
const STRIDE: usize = 1_000;

/// The process that answers.
#[derive(Debug)]
enum Holder {
    Ours(Rc<World>),
    Theirs(Process),
}

/// Somebody whom the server has.
#[derive(Debug, Clone, Default)]
pub(crate) struct Person {
    pub(crate) id: String,
    pub(crate) user_name: String,
    /// As the provider sends them, every night.
    pub(crate) body: String,
}

/// A server of SCIM.
#[derive(Debug)]
pub(crate) struct Target {
    pub(crate) name: &'static str,
    holder: Holder,
    /// Before `/Users`.
    prefix: String,
    token: String,
    numbers: Cell<usize>,
    pub(crate) people: RefCell<Vec<Person>>,
    groups: RefCell<Vec<String>>,
}

impl Target {
    pub(crate) fn theirs(name: &'static str, process: Process, token: &str) -> Rc<Self> {
        Rc::new(Self::new(name, Holder::Theirs(process), "/v2".to_owned(), token.to_owned()))
    }

    fn new(name: &'static str, holder: Holder, prefix: String, token: String) -> Self {
        Self {
            name,
            holder,
            prefix,
            token,
            numbers: Cell::default(),
            people: RefCell::default(),
            groups: RefCell::default(),
        }
    }

    /// A new tenant of ours, with a token.
    pub(crate) async fn ours(name: &'static str, world: &Rc<World>) -> anyhow::Result<(Rc<Self>, String)> {
        let mut connection = Connection::new(world.process.address);
        let store = &world.identity_store;
        let made = json!({"IdentityStoreId": store, "Name": "bench"});
        let made = world.ask(&mut connection, "portico", "Portico.CreateProvisioningTenant", &made).await?;
        let tenant = made["TenantId"].as_str().context("a tenant")?.to_owned();
        let at = json!({"IdentityStoreId": store, "TenantId": tenant});
        let token = world.ask(&mut connection, "portico", "Portico.CreateBearerToken", &at).await?;
        let token = token["BearerToken"]["Token"].as_str().context("a token")?.to_owned();
        let target = Self::new(name, Holder::Ours(world.clone()), format!("/{tenant}/scim/v2"), token);
        Ok((Rc::new(target), tenant))
    }

    pub(crate) fn process(&self) -> &Process {
        match &self.holder {
            Holder::Ours(world) => &world.process,
            Holder::Theirs(process) => process,
        }
    }

    pub(crate) fn connection(&self) -> Connection {
        Connection::new(self.process().address)
    }

    /// One that is measured: `does` on so many connections, each beginning at another place.
    pub(crate) fn steps(self: &Rc<Self>, does: &Does, connections: usize) -> Vec<Step> {
        let people = self.people.borrow().len();
        (0..connections)
            .map(|at| Step {
                target: self.clone(),
                does: does.clone(),
                connection: at,
                at: at * people / connections,
                is_in: false,
            })
            .collect()
    }

    fn request(&self, method: &str, path: &str, body: &str) -> Vec<u8> {
        let (host, token) = (self.process().address.to_string(), format!("Bearer {}", self.token));
        let mut headers = vec![
            ("host", host.as_str()),
            ("user-agent", "bench/1.0"),
            ("authorization", token.as_str()),
            ("accept", "application/scim+json"),
        ];
        if !body.is_empty() {
            headers.push(("content-type", "application/scim+json"));
        }
        http::request(method, &format!("{}{path}", self.prefix), &headers, body)
    }

    fn next_number(&self) -> usize {
        self.numbers.replace(self.numbers.get() + 1)
    }

    /// Somebody of this number, as a provider describes them.
    fn described(number: usize) -> (String, Value) {
        let user_name = format!("scim-{number:07}@example.com");
        let body = json!({
            "schemas": [USER, ENTERPRISE], "userName": user_name, "externalId": format!("00u{number:017}"),
            "name": {"givenName": "Given", "familyName": format!("Family {number}")}, "displayName": format!("Given Family {number}"),
            "emails": [{"value": user_name, "type": "work", "primary": true}], "title": "Engineer", "active": true,
            ENTERPRISE: {"employeeNumber": number.to_string(), "department": format!("Department {}", number % 100)},
        });
        (user_name, body)
    }

    fn keep(&self, number: usize, id: &str) {
        let (user_name, body) = Self::described(number);
        let mut people = self.people.borrow_mut();
        if people.len() <= number {
            people.resize(number + 1, Person::default());
        }
        if let Some(place) = people.get_mut(number) {
            *place = Person { id: id.to_owned(), user_name, body: body.to_string() };
        }
    }

    fn person(&self, at: usize) -> anyhow::Result<Person> {
        let people = self.people.borrow();
        let person = people.get(at % people.len().max(1)).filter(|person| !person.id.is_empty());
        person.cloned().context("nobody was made")
    }

    /// A group of this number: ten people who follow each other.
    fn group(&self, number: usize) -> anyhow::Result<Value> {
        let members: Vec<Value> = (0..MEMBERS)
            .map(|at| Ok(json!({"value": self.person(number * MEMBERS + at)?.id})))
            .collect::<anyhow::Result<_>>()?;
        Ok(json!({
            "schemas": [GROUP], "displayName": format!("scim-group-{number:06}"), "externalId": format!("00g{number:017}"), "members": members,
        }))
    }

    /// How many people there are by what the server says.
    pub(crate) async fn total(&self) -> anyhow::Result<usize> {
        let request = self.request("GET", "/Users?startIndex=1&count=0", "");
        let answer = self.connection().call(&request).await?.expect(200)?.json()?;
        let total = answer["totalResults"].as_u64().context("totalResults")?;
        Ok(usize::try_from(total)?)
    }

    /// A page by number: the query.
    pub(crate) fn page_at(start: usize) -> Does {
        Does::Page(format!("/Users?startIndex={start}&count={PAGE}").into())
    }

    pub(crate) fn first_page_by_cursor() -> Does {
        Does::Page(format!("/Users?cursor=&count={PAGE}").into())
    }

    /// The last whole page by cursor, found by turning all pages before it.
    pub(crate) async fn last_page_by_cursor(&self, total: usize) -> anyhow::Result<Does> {
        let mut connection = self.connection();
        let (mut cursor, mut left) = (String::new(), total.saturating_sub(PAGE));
        while left > 0 {
            let count = left.min(STRIDE);
            let path = format!("/Users?cursor={}&count={count}&attributes=userName", escape(&cursor));
            let answer = connection.call(&self.request("GET", &path, "")).await?.expect(200)?.json()?;
            let got = answer["Resources"].as_array().map_or(0, Vec::len);
            if got != count {
                bail!("a page of {got} instead of {count}");
            }
            answer["nextCursor"].as_str().context("nextCursor")?.clone_into(&mut cursor);
            left -= count;
        }
        Ok(Does::Page(format!("/Users?cursor={}&count={PAGE}", escape(&cursor)).into()))
    }

    /// A new group with these members: its id.
    pub(crate) async fn group_of(&self, name: &str, members: &[Person]) -> anyhow::Result<String> {
        let mut connection = self.connection();
        let values =
            |people: &[Person]| -> Value { people.iter().map(|one| json!({"value": one.id})).collect() };
        let (first, rest) = members.split_at(members.len().min(MEMBERS_AT_ONCE));
        let body = json!({"schemas": [GROUP], "displayName": name, "members": values(first)}).to_string();
        let path = "/Groups?attributes=displayName";
        let made = connection.call(&self.request("POST", path, &body)).await?.expect(201)?;
        let group = id_in(made.body)?;
        for people in rest.chunks(MEMBERS_AT_ONCE) {
            let add = json!({"op": "add", "path": "members", "value": values(people)});
            let body = json!({"schemas": [PATCH], "Operations": [add]}).to_string();
            let request = self.request("PATCH", &format!("/Groups/{group}"), &body);
            connection.call(&request).await?.expect(204)?;
        }
        Ok(group)
    }

    /// Takes over people whom the server has already: as it shows them, they are sent every night.
    pub(crate) async fn adopt(&self, ids: &[String]) -> anyhow::Result<()> {
        let mut connection = self.connection();
        for id in ids {
            let request = self.request("GET", &format!("/Users/{id}"), "");
            let shown = connection.call(&request).await?.expect(200)?.json()?;
            let user_name = shown["userName"].as_str().context("userName")?.to_owned();
            let body = shown.to_string();
            self.people.borrow_mut().push(Person { id: id.clone(), user_name, body });
        }
        self.numbers.set(self.people.borrow().len());
        Ok(())
    }
}

/// The id of a resource: the first member of that name.
fn id_in(body: &[u8]) -> anyhow::Result<String> {
    let text = std::str::from_utf8(body)?;
    let id = text.split_once("\"id\"").and_then(|(_, rest)| rest.split('"').nth(1));
    id.filter(|id| !id.is_empty()).map(str::to_owned).with_context(|| format!("no id in {text}"))
}

/// What is asked.
#[derive(Debug, Clone)]
pub(crate) enum Does {
    /// A new person.
    Person,
    /// A new group of ten.
    Group,
    /// So many new people by one request.
    PeopleInBulk(usize),
    /// So many new groups of ten by one request.
    GroupsInBulk(usize),
    /// Somebody by their user name.
    Find,
    /// A page of people.
    Page(Rc<str>),
    /// Somebody by their user name, and then the same person sent again as they are.
    Sync,
    /// Somebody joins a group or leaves it: each connection somebody else, of the last ones that there are.
    Member(Rc<str>),
}

/// What one connection asks.
#[derive(Debug, Clone)]
pub(crate) struct Step {
    target: Rc<Target>,
    does: Does,
    connection: usize,
    at: usize,
    is_in: bool,
}

impl Operation for Step {
    async fn perform(&mut self, connection: &mut Connection) -> anyhow::Result<()> {
        let target = self.target.clone();
        match self.does.clone() {
            Does::Person => {
                let number = target.next_number();
                let (_, body) = Target::described(number);
                let request = target.request("POST", "/Users", &body.to_string());
                let id = id_in(connection.call(&request).await?.expect(201)?.body)?;
                target.keep(number, &id);
            }
            Does::Group => {
                let number = target.groups.borrow().len();
                target.groups.borrow_mut().push(String::new());
                let request = target.request("POST", "/Groups", &target.group(number)?.to_string());
                let id = id_in(connection.call(&request).await?.expect(201)?.body)?;
                if let Some(place) = target.groups.borrow_mut().get_mut(number) {
                    *place = id;
                }
            }
            Does::PeopleInBulk(count) => self.people_in_bulk(connection, count).await?,
            Does::GroupsInBulk(count) => self.groups_in_bulk(connection, count).await?,
            Does::Find => self.find(connection).await.map(|_| ())?,
            Does::Sync => {
                let person = self.find(connection).await?;
                let request = target.request("PUT", &format!("/Users/{}", person.id), &person.body);
                let answer = connection.call(&request).await?.expect(200)?;
                if id_in(answer.body)? != person.id {
                    bail!("somebody else: {}", answer.text());
                }
            }
            Does::Page(path) => {
                let answer = connection.call(&target.request("GET", &path, "")).await?.expect(200)?;
                let (name, body) = (b"\"userName\"", answer.body);
                let found = body.windows(name.len()).filter(|window| window == name).count();
                if found != PAGE {
                    bail!("a page of {found}: {}", answer.text().chars().take(300).collect::<String>());
                }
            }
            Does::Member(group) => self.come_or_go(connection, &group).await?,
        }
        Ok(())
    }
}

impl Step {
    async fn people_in_bulk(&self, connection: &mut Connection, count: usize) -> anyhow::Result<()> {
        let numbers: Vec<usize> = (0..count).map(|_| self.target.next_number()).collect();
        let people = numbers.iter().map(|number| ("/Users", Target::described(*number).1)).collect();
        for (number, id) in numbers.iter().zip(self.bulk(connection, people).await?) {
            self.target.keep(*number, &id);
        }
        Ok(())
    }

    async fn groups_in_bulk(&self, connection: &mut Connection, count: usize) -> anyhow::Result<()> {
        let first = self.target.groups.borrow().len();
        self.target.groups.borrow_mut().resize(first + count, String::new());
        let groups = (first..first + count).map(|number| Ok(("/Groups", self.target.group(number)?)));
        self.bulk(connection, groups.collect::<anyhow::Result<_>>()?).await.map(|_| ())
    }

    /// Makes all of them; their ids.
    async fn bulk(
        &self,
        connection: &mut Connection,
        resources: Vec<(&str, Value)>,
    ) -> anyhow::Result<Vec<String>> {
        let count = resources.len();
        let operations: Vec<Value> = resources
            .into_iter()
            .enumerate()
            .map(|(at, (path, data))| json!({"method": "POST", "path": path, "bulkId": format!("b{at}"), "data": data}))
            .collect();
        let body = json!({"schemas": [BULK], "Operations": operations}).to_string();
        let answer =
            connection.call(&self.target.request("POST", "/Bulk", &body)).await?.expect(200)?.json()?;
        let said = answer["Operations"].as_array().context("Operations")?;
        let ids: Vec<String> = said
            .iter()
            .filter(|one| one["status"] == "201" || one["status"] == 201)
            .filter_map(|one| one["location"].as_str()?.rsplit('/').next().map(str::to_owned))
            .collect();
        if ids.len() != count {
            bail!(
                "{} of {count} were made: {}",
                ids.len(),
                answer.to_string().chars().take(600).collect::<String>()
            );
        }
        Ok(ids)
    }

    /// Looks for the next one. 7,919 is prime: the order hops about instead of walking from page to page.
    async fn find(&mut self, connection: &mut Connection) -> anyhow::Result<Person> {
        self.at += 7_919;
        let person = self.target.person(self.at)?;
        let filter = escape(&format!("userName eq \"{}\"", person.user_name));
        let request = self.target.request("GET", &format!("/Users?filter={filter}"), "");
        let answer = connection.call(&request).await?.expect(200)?;
        if id_in(answer.body)? != person.id {
            bail!("{} was not found: {}", person.user_name, answer.text());
        }
        Ok(person)
    }

    async fn come_or_go(&mut self, connection: &mut Connection, group: &str) -> anyhow::Result<()> {
        let last = self.target.people.borrow().len() - 1;
        let who = self.target.person(last - self.connection)?.id;
        let change = if self.is_in {
            json!({"op": "remove", "path": format!("members[value eq \"{who}\"]")})
        } else {
            json!({"op": "add", "path": "members", "value": [{"value": who}]})
        };
        let body = json!({"schemas": [PATCH], "Operations": [change]}).to_string();
        let request = self.target.request("PATCH", &format!("/Groups/{group}"), &body);
        let answer = connection.call(&request).await?;
        if !matches!(answer.status, 200 | 204) {
            answer.expect(204)?;
        }
        self.is_in = !self.is_in;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_id_of_a_resource_is_not_that_of_its_provider() {
        let body = br#"{"externalId": "00u1", "id" : "7", "groups": [{"id": "9"}]}"#;
        assert_eq!(id_in(body).unwrap(), "7");
        assert!(id_in(b"{}").is_err());
    }
}
