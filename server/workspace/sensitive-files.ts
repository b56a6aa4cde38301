/**
 * Files that hold secrets by their nature, as patterns of .gitignore: never read, stored or completed in, whatever the settings
 * say. Letters' case does not matter. To add one: the name alone where the name says enough, else with its folder.
 */
import ignore from 'ignore';

/** Environment files, in every spelling that a tool reads. */
const ENVIRONMENT = `
.env .env.* .env-* *.env *.env.* .envrc .envrc.* *.envrc .direnv/ .flaskenv .dev.vars .dev.vars.* dotenv env.local cypress.env.json
env.production env.prod env.staging env.development env.dev env.test
*.postman_environment.json http-client.private.env.json *.private.env.json local.settings.json .saml2aws
`;

/** Private keys, keystores and vaults. */
const KEYS = `
*.pem *.key *.p8 *.p12 *.pfx *.pkcs8 *.pkcs12 *.jks *.jceks *.bks *.keystore *.truststore *.keytab *.kdb *.kdbx *.psafe3 *.ppk *.pvk
*.snk *.gpg *.pgp *.age *.agekey *.ovpn *.wg.conf wg0.conf *.keychain *.keychain-db *.agilekeychain/ *.opvault/ *.1pux *.mobileprovision
*.provisionprofile *.publishsettings *.pubxml.user *.rdp *.wallet wallet.dat mnemonic.txt seed.txt *.mnemonic UTC--*
id_* !id_*.* id_rsa* id_dsa* id_ecdsa* id_ed25519* id_xmss* identity ssh_host_*_key authorized_keys known_hosts *_rsa *_dsa *_ecdsa *_ed25519
.ssh/ .gnupg/ .password-store/ .electrum/ secring.* trustdb.gpg key.properties keystore.properties signing.properties
encrypted_data_bag_secret masterkey master.key *.der *.asc *.jwk *private_key* *private-key* *privatekey* *privkey* *secret-key.* *secret_key.*
deploy_key* *_deploy_key deploy-key* *-deploy-key deploykey* keys.txt keypair.json *-keypair.json wallet.json *-keyfile *_keyfile solana/id.json
*seed-phrase* *seed_phrase* *recovery-codes* *recovery_codes* *backup-codes* *backup_codes* *mnemonic*.txt *mnemonic*.json
sealed-secrets-key*
`;

/** What the clouds' and clusters' tools keep. */
const CLOUDS = `
.aws/ .azure/ .oci/ .aliyun/ .bluemix/ .gcloud/ .boto .s3cfg .passwd-s3fs .rclone.conf rclone.conf .databrickscfg .snowsql/ .dbt/
.digitalocean/ .fly/ .cloudflared/ .netlify/ .vercel/ .wrangler/ .serverless/ .pulumi/ .terraform/ .terraform.d/ .terraformrc
terraform.rc *.tfrc *.tfrc.json *.tfvars *.tfvars.json *.tfstate *.tfstate.* terraform.tfstate.d/ *.tfplan
.kube/ kubeconfig kubeconfig.* kubeconfig-* *.kubeconfig kube.config kube-config* admin.conf .docker/ .dockercfg .dockerconfigjson
dockerconfig.json .helm/ .argocd/ .vault-token .vault_pass* vault_pass* vault-pass* vault.yml vault.yaml *.vault.yml *.vault.yaml *.eyaml
.chef/ .puppetlabs/ .vagrant/ .minikube/ .k3s/ k3s.yaml .talos/ talosconfig
accesstokens.json azureprofile.json msal_token_cache* application_default_credentials.json adc.json
vault-token vault_token *vault_password* *vault-password* vault.txt **/group_vars/**/vault hosts.vault
.config/sops/ .snowflake/ .wandb/ .modal.toml .openai/ .openai .anthropic/ .anthropic .cache/huggingface/token .elasticbeanstalk/ .chalice/
samconfig.toml zappa_settings.json cloudflared/*.json tailscale.state *play-store*.json *playstore*.json google-play*.json
google-services.json googleservice-info.plist .ngrok2/ ngrok.yml .kaggle/ kaggle.json .huggingface/ .saucelabs/ .stripe/ .twilio-cli/
`;

/** Credentials by their own name. */
const CREDENTIALS = `
credentials credentials.* credentials-* *credentials*.json *credentials*.y*ml *credentials*.xml *credentials*.csv *credentials*.txt
*credentials*.properties *credentials*.toml *credentials*.ini .credentials .credentials.* credential.json credential.txt
service-account*.json service_account*.json serviceaccount*.json *service-account*.json *service_account*.json *serviceaccount*.json
*firebase-adminsdk*.json gcp-key*.json gcloud-*.json keyfile.json *-keyfile.json client_secret*.json client-secret*.json
client_id.json oauth_creds.json oauth2*.json token.json token.pickle *_token.json *-token.json *token*.txt *api_key*.txt
*apikey*.txt *api-key*.txt api_key api-key apikey .api_key .api-key .apikey *_api_key *-api-key *api_keys.* *api-keys.* *apikeys.*
*api_key.json *api-key.json *apikey.json *_key.txt *-key.txt .token *.token access_token access-token .*_token .*-token *_token *-token
*passphrase*.txt passphrase passphrase.* .passphrase *-passphrase *_passphrase *-password *_password *.pass pass.txt
*1password*.csv *1password*.json *bitwarden*.csv *bitwarden*.json *lastpass*.csv *keepass*.xml *dashlane*.csv logins.csv *password*.txt *passwords* passwd passwd.* *.passwd shadow shadow- gshadow master.passwd smbpasswd
.smbcredentials *.credentials *.creds creds.* secrets.* secret.* *.secret *.secrets *.secret.* *.secrets.* *-secrets.* *_secrets.*
*-secret.json *-secret.y*ml *_secret.json *_secret.y*ml .secrets .secrets.* .secret local_settings.py hudson.util.secret
**/secrets/** **/.secrets/** **/credentials/** **/.credentials/**
`;

/** What package managers, version control, databases, mail and transfer tools read their passwords from. */
const TOOLS = `
.npmrc .yarnrc .yarnrc.yml .pnpmrc .pypirc pip.conf pip.ini .condarc .gem/ .cargo/credentials* .cargo/config.toml
.m2/settings*.xml settings-security.xml .gradle/gradle.properties local.properties .sbt/ .ivy2/ nuget.config .nuget/ auth.json .composer/
.jfrog/ .netrc _netrc netrc .authinfo .authinfo.* .curlrc .wgetrc .git-credentials .git/ .subversion/ .hgrc
.config/gh/ .config/hub .config/glab-cli/ .config/op/ .config/configstore/ .config/stripe/ .config/solana/ .config/gcloud/ .config/doctl/
.sentryclirc sentry.properties .pgpass pgpass.conf .my.cnf .mylogin.cnf .mongorc.js .odbc.ini odbc.ini userlist.txt
.htpasswd .htdigest htpasswd htdigest .esmtprc .msmtprc .muttrc .mutt/ .fetchmailrc .mbsyncrc .offlineimaprc .davfs2/ sasl_passwd
.ftpconfig .ftpquota sftp-config.json sftp.json .remote-sync.json filezilla.xml sitemanager.xml recentservers.xml winscp.ini
wp-config.php wp-config*.php wp-config.* settings.local.php parameters.yml parameters.yaml parameters.local.* database.yml database.yaml
pgpass .pgpass.* my.cnf .mycnf *.htpasswd htpasswd.* tomcat-users.xml *-users.properties krb5cc_* redis.conf .psqlrc .dbshell .mailrc .procmailrc
wg[0-9].conf *.secrets chap-secrets pap-secrets wpa_supplicant*.conf *.nmconnection *.remmina .remmina/ confcons.xml *.rtsz openvpn/auth.txt
.bundle/config maven-settings.xml .jupyter/ jupyter_server_config.json jupyter_notebook_config.json .ipython/ airflow.cfg profiles.yml
newrelic.ini newrelic.yml newrelic.config datadog.yaml db.properties jdbc.properties database.properties datasource.properties
web.config web.*.config connectionstrings.config *.har *.dump *.hprof
localsettings.php config.inc.php settings.inc.php *.secret.php /configuration.php sites/*/settings.php app/etc/env.php app/etc/local.xml
.claude.json .continue/ .aider.conf.yml .idea/datasources* .idea/webservers.xml datasources.xml datasources.local.xml robomongo.json
logins.json key3.db key4.db signons.sqlite cookies.txt cookies.sqlite cookies.json .mozilla/
`;

/** Settings of one environment: what differs from the others is where it is and how one gets in. */
const DEPLOYMENTS = `
application-*.yml application-*.yaml application-*.properties bootstrap-*.yml bootstrap-*.yaml appsettings.*.json
production.yml production.yaml production.json prod.yml prod.yaml prod.json staging.yml staging.yaml staging.json
values-prod*.y*ml values-staging*.y*ml values.prod*.y*ml *.prod.yml *.prod.yaml *.production.yml *.production.yaml
`;

/** What was typed at prompts. */
const HISTORIES = `
.bash_history .zsh_history .zhistory .sh_history .ksh_history .history .histfile .fish_history fish_history .*_history *_history.txt
consolehost_history.txt .viminfo .lesshst .recently-used*
`;

/** Programs in a folder of such a name are about secrets and hold none. */
const CODE =
  'ts tsx mts cts js jsx mjs cjs py pyi go rs java kt kts rb php cs fs c h cc cpp hpp swift scala ex exs erl clj hs lua dart vue svelte md pl pm'.split(
    ' ',
  );

const all = [ENVIRONMENT, KEYS, CLOUDS, CREDENTIALS, TOOLS, DEPLOYMENTS, HISTORIES].flatMap((text) =>
  text.trim().split(/\s+/),
);
const isFolder = (pattern: string) => pattern.endsWith('/');

const patterns = ignore({ ignorecase: true })
  .add(all.filter((pattern) => !isFolder(pattern)))
  // The names above are those of files; a folder of such a name is judged by what lies in it.
  .add('!*/')
  .add(CODE.map((code) => `!*.${code}`))
  .add(all.filter(isFolder))
  // Configuration that is written as code.
  .add(['.env.*', 'wp-config*.php', 'settings.local.php', 'local_settings.py', '.mongorc.js', '*.secret.exs'])
  .add(['secrets.php', 'credentials.php', 'passwords.php', '*.secret.php', '.env.php', 'localsettings.php'])
  .add([
    'config.inc.php',
    'settings.inc.php',
    '/configuration.php',
    'sites/*/settings.php',
    'app/etc/env.php',
  ]);

/** What editors, tools and careful people put behind a name when they keep the file as it was. */
const COPY =
  /(?:~|[.-](?:bak|backup|old|orig|original|save|saved|swp|swo|tmp|copy|new|prev|enc|\d{1,8})| \(?copy\)?| \(\d\))$/i;

/** Whether files of this kind hold secrets. @param path relative, with slashes */
export function isSensitive(path: string): boolean {
  const original = path.replace(COPY, '').replace(COPY, '');
  return patterns.ignores(path) || (!/(?:^|\/)$/.test(original) && patterns.ignores(original));
}
