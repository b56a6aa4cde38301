/**
 * Secrets of every format we know of, drawn anew by a seed: nothing in this file is one, so that no scanner takes it for a
 * leak. `{}` marks the secret in a shape; in a format, each part after the name is a prefix or `alphabet:length`.
 */
import { random } from '../../../server/base/random';

const ALPHABETS: Record<string, string> = {
  a62: 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789',
  url: 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-',
  b64: 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/',
  hex: '0123456789abcdef',
  HEX: '0123456789ABCDEF',
  a36: 'abcdefghijklmnopqrstuvwxyz0123456789',
  A36: 'ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789',
  A32: 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567',
  n: '0123456789',
  bech: 'QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L',
  b58: '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz',
};

/** Issuers' formats: a name, then parts. */
const FORMATS = `
GitHub personal token|ghp_|a62:36
GitHub OAuth token|gho_|a62:36
GitHub user token|ghu_|a62:36
GitHub server token|ghs_|a62:36
GitHub refresh token|ghr_|a62:76
GitHub fine-grained token|github_pat_|a62:22|_|a62:59
GitLab personal token|glpat-|url:20
GitLab routable token|glpat-|url:27|.01.|a36:9
GitLab pipeline trigger|glptt-|hex:40
GitLab deploy token|gldt-|url:20
GitLab runner token|glrt-|url:20
GitLab runner registration|GR1348941|url:20
GitLab CI job token|glcbt-64_|url:20
GitLab OAuth secret|gloas-|hex:64
GitLab SCIM token|glsoat-|url:20
GitLab feed token|glft-|url:20
GitLab mail token|glimt-|a36:25
GitLab agent token|glagent-|url:50
GitLab feature flags token|glffct-|url:20
GitLab session|_gitlab_session=|hex:32
Bitbucket app password|ATBB|a62:32
Atlassian token|ATATT3xFfGF0|url:170|=|HEX:8
Sourcegraph token|sgp_|hex:16|_|hex:40
npm token|npm_|a62:36
PyPI token|pypi-AgEIcHlwaS5vcmc|url:120
RubyGems key|rubygems_|hex:48
NuGet key|oy2|a36:43
crates.io token|cio|a62:32
Clojars token|CLOJARS_|hex:60
Docker Hub token|dckr_pat_|url:27
Docker Hub organisation token|dckr_oat_|url:32
JFrog key|AKCp|a62:69
SonarQube token|squ_|hex:40
CircleCI token|CCIPAT_|a62:22|_|hex:40
AWS key id|AKIA|A32:16
AWS session key id|ASIA|A32:16
AWS session token|IQoJb3JpZ2luX2Vj|b64:200
AWS Bedrock key|ABSK|b64:120
Google API key|AIza|url:35
Google OAuth secret|GOCSPX-|url:28
Google access token|ya29.|url:120
Google refresh token|1//0|url:60
Azure AD secret|a62:3|8Q~|url:34
Azure storage connection|DefaultEndpointsProtocol=https;AccountName=shop;AccountKey=|b64:86|==
Azure service bus|Endpoint=sb://shop.servicebus.windows.net/;SharedAccessKeyName=Root;SharedAccessKey=|b64:43|=
Azure event grid key|b64:43|=
Azure DevOps token (old)|AZURE_DEVOPS_EXT_PAT=|a36:52
Alibaba key id|LTAI|a62:20
DigitalOcean token|dop_v1_|hex:64
DigitalOcean OAuth token|doo_v1_|hex:64
DigitalOcean refresh token|dor_v1_|hex:64
Heroku key|HRKU-AA|url:58
Heroku key (old)|HEROKU_API_KEY=|hex:8|-|hex:4|-4|hex:3|-a|hex:3|-|hex:12
Fly.io token|fo1_|url:43
Fly.io macaroon|FlyV1 fm2_|b64:200
Render key|rnd_|a62:28
Netlify token|nfp_|a62:36
Vercel token (old)|VERCEL_TOKEN=|a62:24
Vercel blob token|vercel_blob_rw_|a62:16|_|a62:30
Cloudflare token|CLOUDFLARE_API_TOKEN=|url:40
Cloudflare global key|CF_API_KEY=|hex:37
Cloudflare origin key|v1.0-|hex:24|-|hex:146
Supabase token|sbp_|hex:40
Supabase secret key|sb_secret_|url:31
Firebase messaging key|AAAA|url:7|:APA91b|url:134
Databricks token|dapi|hex:32
PlanetScale token|pscale_tkn_|url:43
PlanetScale password|pscale_pw_|url:43
Linode token|LINODE_TOKEN=|hex:64
Yandex key|AQVN|url:36
OpenShift token|sha256~|url:43
Vault service token|hvs.|url:90
Vault batch token|hvb.|url:138
Vault token (old)|s.|a62:24
Terraform Cloud token|a62:14|.atlasv1.|url:67
Pulumi token|pul-|hex:40
Doppler token|dp.pt.|a62:43
Doppler service token|dp.st.dev.|a62:43
1Password service token|ops_eyJ|a62:250
1Password secret key|A3-|A36:6|-|A36:6|-|A36:5|-|A36:5|-|A36:5
Tailscale key|tskey-auth-|a62:17|-|a62:32
Grafana service account|glsa_|a62:32|_|hex:8
Grafana Cloud token|glc_eyJ|a62:90
Grafana key|eyJrIjoi|a62:70
New Relic user key|NRAK-|A36:27
New Relic insert key|NRII-|url:32
New Relic licence|hex:36|NRAL
Datadog API key|DD_API_KEY=|hex:32
Datadog application key|DATADOG_APP_KEY: |hex:40
Dynatrace token|dt0c01.|A36:24|.|A36:64
Sentry DSN|https://|hex:32|@o1234.ingest.sentry.io/5678
Sentry user token|sntryu_|hex:64
Sentry organisation token|sntrys_eyJpYXQiO|a62:100|_|b64:43
LaunchDarkly key|sdk-|hex:8|-|hex:4|-4|hex:3|-a|hex:3|-|hex:12
PostHog key|phx_|a62:43
Prefect token|pnu_|a62:36
Postman key|PMAK-|hex:24|-|hex:34
Readme key|rdme_|a36:70
Snyk token|SNYK_TOKEN=|hex:8|-|hex:4|-4|hex:3|-a|hex:3|-|hex:12
Octopus key|API-|A36:26
Stripe live key|sk_live_|a62:24
Stripe test key|sk_test_|a62:99
Stripe restricted key|rk_live_|a62:24
Stripe webhook secret|whsec_|a62:32
Square token|EAAA|url:60
Square OAuth secret|sq0csp-|url:43
PayPal Braintree token|access_token$production$|a36:16|$|hex:32
PayPal secret|PAYPAL_CLIENT_SECRET=E|url:79
Shopify token|shpat_|hex:32
Shopify shared secret|shpss_|hex:32
Shopify custom token|shpca_|hex:32
Adyen key|AQE|a36:1|hmfxK|b64:60|-|b64:43|=-|a62:16
Flutterwave key|FLWSECK-|hex:32|-X
Plaid token|access-production-|hex:8|-|hex:4|-4|hex:3|-a|hex:3|-|hex:12
EasyPost key|EZAK|a62:54
Shippo token|shippo_live_|hex:40
Razorpay key|rzp_live_|a62:14
Mollie key|live_|a62:30
Coinbase secret|COINBASE_API_SECRET=|a62:64
Bitcoin key|5K|b58:49
Slack bot token|xoxb-|n:12|-|n:13|-|a62:24
Slack user token|xoxp-|n:12|-|n:12|-|n:13|-|hex:32
Slack app token|xapp-1-A|A36:10|-|n:13|-|hex:64
Slack webhook|https://hooks.slack.com/services/T|A36:8|/B|A36:10|/|a62:24
Discord bot token|M|url:23|.|url:6|.|url:38
Discord webhook|https://discord.com/api/webhooks/|n:18|/|url:68
Telegram bot token|n:10|:AA|url:33
Twilio key|SK|hex:32
Twilio auth token|TWILIO_AUTH_TOKEN=|hex:32
SendGrid key|SG.|url:22|.|url:43
Mailgun key|key-|hex:32
Mailgun key (new)|hex:32|-|hex:8|-|hex:8
Mailchimp key|hex:32|-us12
Mandrill key|md-|url:22
Brevo key|xkeysib-|hex:64|-|a62:16
Resend key|re_|a62:8|_|a62:24
Facebook token|EAAC|a62:160
Instagram token|IGQVJ|url:120
Twitter bearer token|AAAAAAAAAAAAAAAAAAAAA|a62:90
Teams webhook|https://acme.webhook.office.com/webhookb2/|hex:8|-1234-4321-a123-|hex:12|@|hex:8|-1234-4321-a123-|hex:12|/IncomingWebhook/|hex:32|/|hex:8|-1234-4321-a123-|hex:12
Linear key|lin_api_|a62:40
Notion token|ntn_|n:11|a62:35
Notion token (old)|secret_|a62:43
Airtable token|pat|a62:14|.|hex:64
Figma token|figd_|url:40
HubSpot key|pat-na1-|hex:8|-|hex:4|-4|hex:3|-a|hex:3|-|hex:12
Dropbox token|sl.|url:135
Typeform token|tfp_|url:59
Contentful token|CFPAT-|url:43
Okta token|00|a62:40
Mapbox secret|sk.eyJ1Ijoi|a62:60|.|url:22
Adobe secret|p8e-|url:32
MaxMind key|a62:6|_|a62:29|_mmk
Algolia admin key|ALGOLIA_ADMIN_KEY=|hex:32
Asana token|ASANA_TOKEN=1/|n:16|:|hex:32
OpenAI key|sk-|a62:20|T3BlbkFJ|a62:20
OpenAI project key|sk-proj-|url:74|T3BlbkFJ|url:74
Anthropic key|sk-ant-api03-|url:93|AA
OpenRouter key|sk-or-v1-|hex:64
Cohere key|COHERE_API_KEY=|a62:40
Mistral key|MISTRAL_API_KEY=|a62:32
Hugging Face token|hf_|a62:34
Replicate token|r8_|a62:37
Groq key|gsk_|a62:52
Perplexity key|pplx-|a62:48
xAI key|xai-|a62:80
NVIDIA key|nvapi-|url:64
LangSmith key|lsv2_pt_|hex:32|_|hex:10
Pinecone key|pcsk_|a62:6|_|a62:60
Apify token|apify_api_|a62:36
age key|AGE-SECRET-KEY-1|bech:58
JSON web token|eyJhbGciOiJIUzI1NiJ9.eyJ|url:40|.|url:43
JSON web token, encrypted|eyJhbGciOiJSU0EtT0FFUCJ9.|url:200|.|url:16|.|url:60|.|url:22
bcrypt|$2b$12$|a62:53
sha512-crypt|$6$|a62:16|$|a62:86
md5-crypt|$apr1$|a62:8|$|a62:22
argon2|$argon2id$v=19$m=65536,t=3,p=4$|b64:22|$|b64:43
Django's hash|pbkdf2_sha256$600000$|a62:22|$|b64:43|=
LDAP hash|{SSHA}|b64:32
base64 PEM|LS0tLS1CRUdJTiBSU0EgUFJJVkFURSBLRVktLS0tLQ|b64:400
unknown issuer|acme_live_|a62:32
drawn, base64|b64:44
drawn, base62|a62:40
drawn, URL-safe|url:43
`;

/** Where a password or key stands: `{}` is a password, `{token}` a drawn key, `{hex}` a hexadecimal one. */
export const SHAPES = String.raw`
password = "{}"
password: '{}',
"password": "{}",
{"user": "app", "password": "{}", "port": 1}
{\"password\":\"{}\"}
PASSWORD={}
export DB_PASSWORD={}
DB_PASSWORD="{}" npm start
set DB_PASSWORD={}
$env:DB_PASSWORD = "{}"
ENV DB_PASSWORD={}
ENV DB_PASSWORD {}
ARG PASSWORD={}
spring.datasource.password={}
quarkus.datasource.password = {}
db.pass: {}
  passwd: {}
  - password: "{}"
DATABASE_PASSWORD: {}
const dbPassword = '{}';
let password: string = "{}";
var Password string = "{}"
password := "{}"
let password: &str = "{}";
let password = String::from("{}");
private static final String PASSWORD = "{}";
private const string Password = "{}";
val password: String = "{}"
static const char *password = "{}";
char password[32] = "{}";
#define WIFI_PASSWORD "{}"
#define PASSWORD "{}"
define('DB_PASSWORD', '{}');
$password = '{}';
$config['password'] = '{}';
'password' => '{}',
:password => "{}",
my $password = '{}';
password <- "{}"
(def password "{}")
@password "{}"
password = """{}"""
password = b"{}"
password = u'{}'
self.password = "{}"
this.password = '{}';
user.setPassword("{}");
.withPassword("{}")
.password("{}")
ds.setPassword( "{}" )
conn = connect(host="db", user="app", password="{}")
requests.get(url, auth=("app", "{}"))
os.environ["DB_PASSWORD"] = "{}"
os.environ.get("DB_PASSWORD", "{}")
os.getenv('DB_PASSWORD', '{}')
process.env.DB_PASSWORD || '{}'
const p = process.env.DB_PASSWORD ?? "{}";
env("DB_PASSWORD", "{}")
ENV.fetch("DB_PASSWORD", "{}")
ENV['DB_PASSWORD'] || '{}'
getenv("DB_PASSWORD") ?: "{}"
System.getenv().getOrDefault("DB_PASSWORD", "{}")
\${DB_PASSWORD:-{}}
\${DB_PASSWORD:={}}
config.get('db.password', '{}')
map.put("password", "{}");
properties.setProperty("password", "{}");
if (password == "{}") {
if password === '{}'
if ("{}".equals(password))
if "{}" == password:
assert user.password == "{}"
expect(user.password).toBe("{}")
password = (\n    "{}"\n)
password:\n  "{}"
password: |\n  {}
password: >-\n  {}
const password =\n  '{}';
- name: DB_PASSWORD\n  value: {}
- name: DB_PASSWORD\n  value: "{}"
{"name": "DB_PASSWORD", "value": "{}"}
{"Name": "Password", "Value": "{}"}
ParameterKey=DbPassword,ParameterValue={}
<password>{}</password>
<db:password>{}</db:password>
<password encrypted="false">{}</password>
<add key="DbPassword" value="{}" />
<property name="password" value="{}"/>
<property name="hibernate.connection.password">{}</property>
<entry key="password">{}</entry>
<setting name="Password" serializeAs="String"><value>{}</value></setting>
<key>Password</key>\n<string>{}</string>
<server><username>app</username><password>{}</password></server>
<user name="app" password="{}" roles="admin"/>
<input type="password" name="password" value="{}">
<password><![CDATA[{}]]></password>
variable "db_password" { default = "{}" }
variable "db_password" {\n  type = string\n  default = "{}"\n}
password = "{}" # for the shop
Server=db;Database=shop;User Id=sa;Password={};
"Server=db;Uid=sa;Pwd={};"
Driver={ODBC};Server=db;UID=sa;PWD={}
jdbc:mysql://db/shop?user=app&password={}
jdbc:postgresql://db/shop?user=app&password={}&ssl=true
jdbc:sqlserver://db:1433;databaseName=shop;user=sa;password={}
jdbc:oracle:thin:scott/{}@db:1521:orcl
sqlplus scott/{}@orcl
"host=db user=app password={} dbname=shop"
postgres://app:{}@db.acme.dev/shop
mysql+pymysql://app:{}@db:3306/shop?charset=utf8
mongodb+srv://app:{}@cluster0.acme.mongodb.net/shop
redis://:{}@cache.acme.dev:6379/0
amqp://app:{}@mq:5672/
https://app:{}@git.acme.dev/shop.git
ftp://app:{}@files.acme.dev/
smtp://app%40acme.dev:{}@mail.acme.dev:587
sftp://app:{}@10.0.0.1
DATABASE_URL=postgres://app:{}@localhost:5432/shop
http://app:{}@proxy:3128
curl -u admin:{} https://acme.dev
curl --user "admin:{}" https://acme.dev
wget --password={} https://acme.dev
mysql -u root -p{} shop
mysqldump --password={} shop
PGPASSWORD={} psql -h db
sshpass -p {} ssh app@db
sshpass -p '{}' ssh app@db
docker login -u app -p {}
docker run -e POSTGRES_PASSWORD={} postgres
--password {}
--db-password "{}"
java -Ddb.password={} -jar app.jar
/p:Password={}
redis-cli -a {}
machine acme.dev login app password {}
machine acme.dev\n  login app\n  password {}
db.acme.dev:5432:shop:app:{}
CREATE USER app WITH PASSWORD '{}';
CREATE USER 'app'@'%' IDENTIFIED BY '{}';
ALTER ROLE app PASSWORD '{}';
SET PASSWORD FOR app = '{}';
GRANT ALL ON *.* TO 'app' IDENTIFIED BY '{}';
requirepass {}
ConvertTo-SecureString "{}" -AsPlainText -Force
new NetworkCredential("app", "{}")
new UsernamePasswordCredentials("app", "{}")
Authorization: Basic {token}
Authorization: Bearer {token}
-H "Authorization: token {token}"
headers = {"Authorization": "Bearer {token}"}
headers['Authorization'] = 'Token {token}'
X-Api-Key: {token}
-H 'X-Auth-Token: {token}'
"x-api-key": "{token}"
Proxy-Authorization: Basic {token}
Cookie: session={token}; theme=dark
Set-Cookie: connect.sid=s%3A{token}; Path=/; HttpOnly
set-cookie: JSESSIONID={hex}; Path=/
document.cookie = "auth={token}"
PHPSESSID={hex}
https://api.acme.dev/v1?api_key={token}
https://api.acme.dev/v1?access_token={token}&x=1
https://acme.dev/reset?token={hex}
https://acme.s3.amazonaws.com/a?X-Amz-Signature={hex}
https://shop.blob.core.windows.net/c?sv=2022-11-02&sig={token}%3D
//npm.acme.dev/:_auth={token}
//npm.acme.dev/:_authToken={token}
_password={token}
{"auths": {"acme.dev": {"auth": "{token}"}}}
aws_secret_access_key = {token}
AWS_SECRET_ACCESS_KEY={token}
"SecretAccessKey": "{token}"
aws_session_token={token}
SECRET_KEY = '{token}'
SECRET_KEY_BASE={hex}
secret_key_base: {hex}
APP_KEY=base64:{token}=
app.secret_key = "{token}"
JWT_SECRET={token}
jwt.sign(payload, '{token}')
jwt.encode(payload, "{token}", algorithm="HS256")
crypto.createHmac('sha256', '{token}')
session({ secret: '{token}' })
clientSecret: "{token}"
client_secret={hex}
"client_secret": "{token}",
apiKey: "{token}",
api_key = '{hex}'
const API_KEY = "{hex}";
ApiKey={hex}
private_key = "{token}"
encryption_key: {hex}
signing_secret = "{hex}"
MASTER_KEY={hex}
RAILS_MASTER_KEY={hex}
"refresh_token": "{token}"
access_token={token}
authToken = "{token}"
bearer_token: "{token}"
csrf_secret = "{token}"
webhook_secret: {hex}
LICENSE_KEY={token}
STORAGE_ACCOUNT_KEY={token}
accessKey = "{token}"
tokens = ["{token}"]
token_github = "{token}"
SECRET_STRIPE = '{token}'
token: {token}
TOKEN={token}
slack_token = "{token}"
client-key-data: {token}
data:\n  password: {token}
stringData:\n  password: "{}"
the password is {}
the password for the shop is {}
Password for staging: {}
// password: {}
# pw: {}
the admin password was "{}"
passphrase: {}
The passphrase is "{}"
pwd={}
// 密码: {}
# 密码是 {}
// パスワード：{}
# пароль: {}
// contraseña: {}
# mot de passe : {}
// Passwort: {}
# Kennwort = {}
// senha: {}
# hasło: {}
# 비밀번호: {}
# wachtwoord: {}
login: app / password: {}
user=app;password={};timeout=3
user=app&password={}&remember=1
username=app password={}
{ username: 'app', password: '{}' }
auth: { user: 'app', pass: '{}' }
new Client({ user: 'app', password: '{}', port: 1 })
mysql.createConnection("db", "app", "{}")
smtp.login("app@acme.dev", "{}")
PlainAuth("", "app", "{}", "mail")
passwords = ["{}"]
mysql://root:{}@127.0.0.1/db
password: {weak}
Password: {weak}
"password": "{weak}"
pw = "{weak}"
pass: "{weak}"
DB_PASS={weak}
user: admin, password: {weak}
the password is {weak}
password is {weak}.
My password: {weak}, do not share
PGPASSWORD={weak} psql
mysql -uroot -p{weak}
sshpass -p{weak} ssh x
password: !!str {}
password: &pw {}
<Password type="text">{}</Password>
<wsse:Password Type="x">{}</wsse:Password>
<connectionString>Server=x;Password={}</connectionString>
&lt;password&gt;{}&lt;/password&gt;
password=&quot;{}&quot;
password%3D{}
{"key":"password","value":"{}"}
{"value":"{}","key":"password"}
<add value="{}" key="DbPassword" />
<param value="{}" name="password">
PASSWORDS = {"app": "{}"}
users = {"admin": "{}"}  # password
credentials = ("app", "{}")
return new Credentials("app", "{}");
if (pw !== '{}') throw
password.equals("{}")
Assert.Equal("{}", user.Password)
assertEquals("{}", config.getPassword());
await page.fill('#password', '{}');
cy.get('[name=password]').type('{}')
driver.find_element(By.ID, "password").send_keys("{}")
formData.append('password', '{}')
url.searchParams.set("password", "{}")
headers.set('X-Password', '{}')
-e MYSQL_ROOT_PASSWORD={} mysql:8
--set auth.password={}
--from-literal=password={}
echo "{}" | docker login --username x --password-stdin
echo 'app:{}' | chpasswd
openssl enc -pass pass:{} -in x
keytool -storepass {} -keypass {}
storePassword '{}'
keyPassword "{}"
storePassword={}
curl --proxy-user app:{} x
curl -d "user=a&password={}" x
curl -d '{"password":"{}"}' x
wget --http-password {} x
smbclient //s/x -U app%{}
ldapsearch -w {} -D cn=a
ftp_login($c, "app", "{}");
mysqli_connect("db", "app", "{}", "shop")
new PDO("mysql:host=db", "app", "{}")
psycopg2.connect("dbname=shop user=app password='{}'")
DriverManager.getConnection(url, "app", "{}")
sql.Open("mysql", "app:{}@tcp(db:3306)/shop")
dsn := "app:{}@tcp(127.0.0.1:3306)/shop?parseTime=true"
DSN="app:{}@/shop"
jdbc:db2://h:50000/d:user=app;password={};
jdbc:sqlserver://h;user=sa;password={{}}
Data Source=h;Initial Catalog=d;User ID=sa;Password="{}"
Provider=SQLOLEDB;Jet OLEDB:Database Password={}
User=SYSDBA;Pass={};
host: h, user: u, passwd: {}
password {}
set password to {}
use the password {} for it
pwd: {} (old)
user/password: app/{}
login: app:{}
creds: app / {}
TODO: remove password "{}"
Das Passwort lautet {}
Le mot de passe est {}
la contraseña es {}
パスワードは {} です
密码为{}
密码：{}。
數據庫密碼 = "{}"
비밀번호는 {}
пароль — {}
كلمة المرور: {}
# parola: {}
# şifre: {}
# heslo: {}
# jelszó: {}
# lösenord: {}
# mật khẩu: {}
API_SECRET=\${API_SECRET:-{token}}
apiKey: process.env.API_KEY ?? '{token}'
api_key = ENV.fetch('API_KEY') { '{token}' }
apiToken: "{token}-example"
apiToken: "example-{token}"
apiToken: "{token}<changeme>"
apiToken: "your-{token}"
apiToken: "{token}{x}"
apiToken: "({token})"
apiToken: "***{token}"
apiToken: "{token}_placeholder"
apiToken: "test_{token}"
apiToken = "{token}" # noqa # nosec # gitleaks:allow # pragma: allowlist secret
Authorization: {token}
"Authorization": "Token token={token}"
req.Header.Set("Authorization", "Bearer {token}")
xhr.setRequestHeader('X-API-KEY', '{token}');
Ocp-Apim-Subscription-Key: {token}
PRIVATE-TOKEN: {token}
X-Vault-Token: {token}
cookie: SESS={token}; a=b
Cookie: a=b; remember_token={token}
sessionid={token}
ASP.NET_SessionId={token}
res.cookie('sid', '{token}')
https://maps.googleapis.com/maps/api/js?key={token}
https://api.acme.dev/k?auth={token}
ghp_{token}xxxxxxxx1234
`;

/** Passwords as people choose them, and as generators make them; the last ones have blanks, quotes' enemies and no digits. */
export const PASSWORDS = [
  'Gr4pe-Xyef84',
  'hunter2!x9',
  'P@$$w0rd-L9Uj',
  'xK9#mQ2$vL7n',
  'Winter2024!',
  'c0rrect_h0rse7',
];

/** Passwords that look like a word of code with a number behind it. */
const WEAK = ['hunter2', 'summer77', 'abcd1234x'];

export interface Example {
  name: string;
  text: string;
  /** What may not be stored. */
  secret: string;
}

/** Every issuer's format, drawn by the seed. */
export function formats(seed: number): Example[] {
  const source = random(seed);
  return FORMATS.trim()
    .split('\n')
    .map((line) => {
      const [name, ...parts] = line.split('|');
      let longest = '';
      const text = parts
        .map((part) => {
          const [, alphabet, length] = /^(\w+):(\d+)$/.exec(part) ?? [];
          if (!alphabet || !ALPHABETS[alphabet]) return part;
          const piece = drawn(source, ALPHABETS[alphabet], Number(length));
          longest = piece.length > longest.length ? piece : longest;
          return piece;
        })
        .join('');
      return { name: name!, text, secret: longest };
    });
}

/** Every shape, filled with passwords and keys drawn by the seed. */
export function shapes(seed: number): Example[] {
  const source = random(seed);
  return SHAPES.trim()
    .split('\n')
    .map((line, i) => {
      const kind = /\{(token|hex|weak|)\}/.exec(line)![0];
      const secret =
        kind === '{}'
          ? PASSWORDS[(i + seed) % PASSWORDS.length]!
          : kind === '{weak}'
            ? WEAK[(i + seed) % WEAK.length]!
            : drawn(source, ALPHABETS[kind === '{hex}' ? 'hex' : 'a62']!, kind === '{hex}' ? 32 : 24);
      return {
        name: line,
        text: line
          .replaceAll('\\n', '\n')
          .replaceAll('\\$', '$')
          .replaceAll(kind, () => secret),
        secret,
      };
    });
}

function drawn(source: { next(): number }, alphabet: string, length: number): string {
  let text = '';
  while (text.length < length) {
    text += alphabet[Math.floor(source.next() * alphabet.length)];
  }
  return text;
}
