/**
 * Formats of keys and tokens that can be told by their looks alone. Prefixes and alphabets follow what the issuers document
 * and what the configuration of gitleaks collects (MIT, Copyright (c) 2019 Zachary Rice); lengths are lower bounds, since
 * issuers make tokens longer over time.
 *
 * To add a format: a literal that every text with such a token holds (`hint`, compared exactly), and a pattern. What its first
 * group took is the secret; without a group, the whole match is. A pattern begins with a literal or a short bounded class, and
 * every repetition is bounded, so that a search stays linear on hostile text.
 */
export interface VendorRule {
  /** Who issues it, and what it is. */
  name: string;
  hint: string;
  pattern: RegExp;
}

const WORD = '[\\w-]';
/** Nothing of a word before it: `risk-ant-` is no key. */
const START = '(?<![A-Za-z0-9])';

/** A prefix, then at least `least` characters of an alphabet. */
function prefixed(name: string, prefix: string, least: number, alphabet = WORD, most = 2_000): VendorRule {
  const literal = prefix.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  return { name, hint: prefix, pattern: new RegExp(`${START}${literal}${alphabet}{${least},${most}}`, 'g') };
}

function rule(name: string, hint: string, pattern: RegExp): VendorRule {
  return { name, hint, pattern };
}

const ALNUM = '[A-Za-z0-9]';
const BASE64 = '[A-Za-z0-9+/=_-]';
const DOTTED = '[\\w.=-]';

const CODE_HOSTS: VendorRule[] = [
  ...['p', 'o', 'u', 's', 'r'].map((kind) => prefixed('GitHub token', `gh${kind}_`, 20, '\\w')),
  prefixed('GitHub fine-grained token', 'github_pat_', 22, '\\w'),
  ...['pat', 'ptt', 'dt', 'rt', 'rtr', 'cbt', 'oas', 'soat', 'ft', 'imt', 'agent', 'ffct', 'wt'].map((kind) =>
    prefixed('GitLab token', `gl${kind}-`, 16, DOTTED),
  ),
  prefixed('GitLab runner registration token', 'GR1348941', 16),
  rule('GitLab session', '_gitlab_session=', /_gitlab_session=([\w%-]{16,600})/g),
  prefixed('Bitbucket app password', 'ATBB', 20, ALNUM),
  prefixed('Bitbucket or Atlassian token', 'ATCTT3', 20, DOTTED),
  prefixed('Atlassian token', 'ATATT3', 20, DOTTED),
  prefixed('Atlassian admin key', 'ATSTT3', 20, DOTTED),
  prefixed('Gitea or Forgejo token', 'gto_', 30, '\\w'),
  prefixed('Sourcegraph token', 'sgp_', 32, '\\w'),
];

const PACKAGES: VendorRule[] = [
  prefixed('npm token', 'npm_', 30, ALNUM),
  prefixed('PyPI token', 'pypi-', 32),
  prefixed('RubyGems token', 'rubygems_', 32, ALNUM),
  rule('NuGet key', 'oy2', /(?<![A-Za-z0-9])oy2[a-z0-9]{43}(?![A-Za-z0-9])/g),
  prefixed('crates.io token', 'cio', 30, ALNUM),
  prefixed('Clojars token', 'CLOJARS_', 40, ALNUM),
  prefixed('Docker Hub token', 'dckr_pat_', 20),
  prefixed('Docker Hub organisation token', 'dckr_oat_', 20),
  prefixed('JFrog key', 'AKCp', 50, ALNUM),
  prefixed('JFrog reference token', 'cmVmd', 50, ALNUM),
  prefixed('Buildkite token', 'bkua_', 30, ALNUM),
  prefixed('CircleCI token', 'CCIPAT_', 20, '\\w'),
  prefixed('CircleCI project token', 'CCIPRJ_', 20, '\\w'),
  prefixed('SonarQube user token', 'squ_', 36, ALNUM),
  prefixed('SonarQube project token', 'sqp_', 36, ALNUM),
  prefixed('SonarQube analysis token', 'sqa_', 36, ALNUM),
];

const CLOUDS: VendorRule[] = [
  rule('AWS key id', 'A', /(?<![A-Za-z0-9])(?:A3T[A-Z0-9]|AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}(?![A-Za-z0-9])/g),
  prefixed('AWS Bedrock key', 'ABSK', 80, BASE64),
  prefixed('AWS Bedrock session key', 'bedrock-api-key-', 20, BASE64),
  rule('AWS session token', 'oJb3JpZ2lu', /(?:IQ|Fw)oJb3JpZ2lu[A-Za-z0-9+/=]{40,4000}/g),
  rule('AWS session token', 'FwoGZXIvYXdz', /FwoGZXIvYXdz[A-Za-z0-9+/=]{40,4000}/g),
  prefixed('Google API key', 'AIza', 30),
  prefixed('Google OAuth secret', 'GOCSPX-', 20),
  prefixed('Google access token', 'ya29.', 20, DOTTED),
  rule('Google refresh token', '1//', /(?<![\w/:.-])1\/\/[\w-]{38,400}/g),
  rule('Google authorisation code', '4/', /(?<![\w/:.-])4\/0[\w-]{40,200}/g),
  prefixed('Google HMAC key', 'GOOG', 50, '[A-Z0-9]'),
  rule('Azure AD secret', 'Q~', /(?<![\w~.-])([\w~.-]{2,4}\dQ~[\w~.-]{24,50})/g),
  rule('Azure storage or service key', 'AccountKey=', /AccountKey=([A-Za-z0-9+/]{30,200}={0,2})/g),
  rule('Azure shared access key', 'SharedAccessKey=', /SharedAccessKey=([A-Za-z0-9+/]{20,200}={0,2})/g),
  rule('Azure function key', 'AzFu', /(?<![A-Za-z0-9])[A-Za-z0-9_-]{30,60}AzFu[A-Za-z0-9_-]{6,20}={0,2}/g),
  rule(
    'Azure cache or batch key',
    'AzCa',
    /(?<![A-Za-z0-9])[A-Za-z0-9+/]{30,60}AzCa[A-Za-z0-9+/]{4,20}={0,2}/g,
  ),
  rule(
    'Azure storage key',
    'AStT',
    /(?<![A-Za-z0-9])[A-Za-z0-9+/]{60,90}(?:\+AStT|AAAAAStT)[A-Za-z0-9+/]{4,20}={0,2}/g,
  ),
  prefixed('Alibaba key id', 'LTAI', 16, ALNUM),
  prefixed('Tencent key id', 'AKID', 28, ALNUM),
  prefixed('DigitalOcean token', 'dop_v1_', 32, ALNUM),
  prefixed('DigitalOcean OAuth token', 'doo_v1_', 32, ALNUM),
  prefixed('DigitalOcean refresh token', 'dor_v1_', 32, ALNUM),
  prefixed('DigitalOcean Spaces key', 'DO00', 16, '[A-Z0-9]'),
  prefixed('Heroku key', 'HRKU-', 30),
  prefixed('Fly.io token', 'fo1_', 30),
  rule('Fly.io token', 'fm', /(?<![A-Za-z0-9])fm[12][ar]?_[A-Za-z0-9+/]{40,2000}={0,3}/g),
  prefixed('Render key', 'rnd_', 24, ALNUM),
  prefixed('Netlify token', 'nfp_', 30, ALNUM),
  prefixed('Netlify CLI token', 'nfc_', 30, ALNUM),
  ...['vcp_', 'vci_', 'vca_', 'vcr_', 'vck_', 'vercel_blob_rw_'].map((p) => prefixed('Vercel token', p, 20)),
  prefixed('Cloudflare CA key', 'v1.0-', 60),
  prefixed('Linode or Scaleway token', 'SCW', 17, '[A-Z0-9]'),
  prefixed('Scalingo token', 'tk-us-', 30),
  prefixed('Yandex key', 'AQVN', 30),
  rule('Yandex token', 't1.', /(?<![\w.])t1\.[\w-]{6,40}={0,2}\.[\w-]{60,100}={0,2}/g),
  prefixed('OpenShift token', 'sha256~', 30),
  prefixed('PlanetScale token', 'pscale_tkn_', 24, DOTTED),
  prefixed('PlanetScale OAuth token', 'pscale_oauth_', 24, DOTTED),
  prefixed('PlanetScale password', 'pscale_pw_', 24, DOTTED),
  prefixed('Neon key', 'napi_', 30),
  prefixed('Supabase token', 'sbp_', 30, ALNUM),
  prefixed('Supabase secret key', 'sb_secret_', 16),
  rule('Firebase messaging key', 'AAAA', /(?<![A-Za-z0-9+/])AAAA[\w-]{7}:[\w-]{100,200}/g),
  prefixed('ClickHouse key', '4b1d', 34, ALNUM),
  prefixed('Databricks token', 'dapi', 30, '[a-f0-9]'),
  prefixed('Databricks secret', 'dose', 30, '[a-f0-9]'),
  prefixed('Snowflake or dbt token', 'dbtc_', 24),
  prefixed('dbt user token', 'dbtu_', 24),
];

/** Private keys in DER, as base64 without a BEGIN line: version 0, then the algorithm or the first number. */
const DER: VendorRule[] = [
  rule(
    'RSA key, PKCS #8',
    'BADANBgkqhkiG9w0BAQEFAASC',
    /MII[A-Za-z0-9+/]{2,8}BADANBgkqhkiG9w0BAQEFAASC[A-Za-z0-9+/]{40,8000}={0,2}/g,
  ),
  rule('RSA key, PKCS #1', 'IBAAKC', /MII[A-Za-z0-9+/]{1,4}IBAAKC[A-Za-z0-9+/]{40,8000}={0,2}/g),
  rule('EC key, PKCS #8', 'EAMBMGByqGSM49', /M[A-Za-z0-9+/]{2,5}EAMBMGByqGSM49[A-Za-z0-9+/]{40,400}={0,2}/g),
  rule('EC key, SEC 1', 'cCAQEE', /M[A-Z]cCAQEE[A-Za-z0-9+/]{40,400}={0,2}/g),
  rule('Ed25519 key', 'MC4CAQAwBQYDK2V', /MC4CAQAwBQYDK2V[A-Za-z0-9+/]{40,80}={0,2}/g),
  rule('OpenSSH key', 'b3BlbnNzaC1rZXktdjE', /b3BlbnNzaC1rZXktdjE[A-Za-z0-9+/]{40,8000}={0,2}/g),
];

const INFRASTRUCTURE: VendorRule[] = [
  ...['hvs.', 'hvb.', 'hvr.'].map((p) => prefixed('Vault token', p, 20)),
  prefixed('age key', 'AGE-SECRET-KEY-', 40, '[A-Z0-9]'),
  prefixed('age plugin key', 'AGE-PLUGIN-', 40, '[A-Z0-9-]'),
  rule('Vault token', 's.', /(?<![\w.])[sbr]\.[A-Za-z0-9]{24}(?![\w.])/g),
  rule('Terraform Cloud token', '.atlasv1.', /(?<![\w.])[A-Za-z0-9]{10,20}\.atlasv1\.[\w=-]{40,100}/g),
  prefixed('Pulumi token', 'pul-', 32, '[a-f0-9]'),
  ...['pt', 'st', 'ct', 'sa', 'scim', 'audit', 'said'].map((k) =>
    prefixed('Doppler token', `dp.${k}.`, 24, DOTTED),
  ),
  prefixed('Infracost token', 'ico-', 28, ALNUM),
  prefixed('1Password service token', 'ops_ey', 60, BASE64),
  rule(
    '1Password secret key',
    'A3-',
    /(?<![\w-])A3-[A-Z0-9]{6}-[A-Z0-9]{6}-?[A-Z0-9]{5}-[A-Z0-9]{5}-[A-Z0-9]{5}(?:-[A-Z0-9]{5})?/g,
  ),
  prefixed('Tailscale key', 'tskey-', 16),
  rule('Octopus key', 'API-', /(?<![\w-])API-[A-Z0-9]{26}(?![A-Za-z0-9])/g),
  prefixed('Grafana Cloud token', 'glc_', 24, BASE64),
  prefixed('Grafana service account', 'glsa_', 24, '\\w'),
  prefixed('Grafana key', 'eyJrIjoi', 40, BASE64),
  prefixed('New Relic key', 'NRAK-', 20, ALNUM),
  ...['NRII-', 'NRIQ-', 'NRRA-', 'NRJS-', 'NRAL-', 'NRSP-'].map((p) => prefixed('New Relic key', p, 16)),
  rule('New Relic licence', 'NRAL', /(?<![A-Za-z0-9])[a-f0-9]{36}NRAL(?![A-Za-z0-9])/g),
  rule('New Relic licence', 'FFFFNRAL', /(?<![A-Za-z0-9])[a-f0-9]{20,40}FFFFNRAL/g),
  prefixed('Dynatrace token', 'dt0c01.', 24, '[A-Z0-9a-z.]'),
  prefixed('Dynatrace token', 'dt0s16.', 24, '[A-Z0-9a-z.]'),
  prefixed('Sentry organisation token', 'sntrys_', 40, BASE64),
  prefixed('Sentry user token', 'sntryu_', 32, ALNUM),
  prefixed('Sentry app token', 'sntrya_', 32, ALNUM),
  rule('Sentry DSN', 'sentry', /https:\/\/([a-f0-9]{20,64}(?::[a-f0-9]{20,64})?)@[\w.-]{1,100}/g),
  prefixed('Honeycomb key', 'hcaik_', 30, ALNUM),
  prefixed('Honeycomb key', 'hcbik_', 30, ALNUM),
  prefixed('Axiom token', 'xaat-', 30),
  prefixed('Axiom personal token', 'xapt-', 30),
  prefixed('LaunchDarkly key', 'sdk-', 32, '[a-f0-9-]'),
  prefixed('LaunchDarkly token', 'api-', 36, '[a-f0-9-]'),
  prefixed('LaunchDarkly mobile key', 'mob-', 36, '[a-f0-9-]'),
  prefixed('ConfigCat or PostHog key', 'phx_', 30, ALNUM),
  prefixed('PostHog key', 'phs_', 30, ALNUM),
  prefixed('Prefect token', 'pnu_', 30, ALNUM),
  prefixed('Prefect service token', 'pnb_', 30, ALNUM),
  prefixed('Postman key', 'PMAK-', 30),
  prefixed('Postman collection key', 'PMAT-', 20),
  prefixed('Readme key', 'rdme_', 30, ALNUM),
  prefixed('Harness token', 'pat.', 50, DOTTED),
  prefixed('Harness service token', 'sat.', 50, DOTTED),
];

const PAYMENTS: VendorRule[] = [
  rule('Stripe key', '_', /(?<![A-Za-z0-9])(?:sk|rk|ssk|pi|seti)_(?:live|test|prod)_[\w]{10,250}/g),
  prefixed('Stripe webhook secret', 'whsec_', 20, BASE64),
  prefixed('Stripe organisation key', 'sk_org_', 20, '\\w'),
  rule('Square token', 'EAAA', /(?<![A-Za-z0-9])EAAA[lE]?[\w-]{40,100}/g),
  ...['sq0atp-', 'sq0csp-', 'sq0idp-'].map((p) => prefixed('Square token', p, 18)),
  rule(
    'PayPal or Braintree token',
    'access_token$',
    /access_token\$(?:production|sandbox)\$[0-9a-z]{10,20}\$[0-9a-f]{20,40}/g,
  ),
  ...['shpat_', 'shpca_', 'shppa_', 'shpss_', 'shpua_', 'shptka_', 'shpit_', 'shprt_', 'atkn_'].map((p) =>
    prefixed('Shopify token', p, 24, ALNUM),
  ),
  rule('Adyen key', 'AQE', /(?<![A-Za-z0-9+/])AQE[a-z][A-Za-z0-9+/]{40,300}={0,2}-[A-Za-z0-9+/=]{20,200}/g),
  prefixed('Flutterwave key', 'FLWSECK', 12),
  rule('Plaid token', 'access-', /(?<![\w-])access-(?:sandbox|development|production)-[0-9a-f-]{30,40}/g),
  rule('Lob key', '_', /(?<![A-Za-z0-9_])(?:live|test)_(?:pub_)?[a-f0-9]{30,40}(?![A-Za-z0-9])/g),
  prefixed('EasyPost key', 'EZAK', 40, ALNUM),
  prefixed('EasyPost test key', 'EZTK', 40, ALNUM),
  prefixed('Shippo token', 'shippo_', 30, '\\w'),
  rule('Coinbase key', 'organizations/', /organizations\/[0-9a-f-]{36}\/apiKeys\/[0-9a-f-]{36}/g),
  prefixed('Razorpay key', 'rzp_live_', 12, ALNUM),
  prefixed('Razorpay test key', 'rzp_test_', 12, ALNUM),
  rule('Mollie key', '_', /(?<![A-Za-z0-9_])(?:live|test)_[A-Za-z0-9]{30,50}(?![A-Za-z0-9_])/g),
  prefixed('Bitcoin extended key', 'xprv', 90, ALNUM),
  rule('Bitcoin key', '5', /(?<![A-Za-z0-9])5[HJK][1-9A-HJ-NP-Za-km-z]{49}(?![A-Za-z0-9])/g),
];

const MESSAGES: VendorRule[] = [
  rule('Slack token', 'xox', /(?<![A-Za-z0-9])xox[a-z](?:\.xox[bp])?-[\w-]{10,300}/g),
  prefixed('Slack app token', 'xapp-', 16),
  prefixed('Slack workflow token', 'xwfp-', 16),
  rule(
    'Slack webhook',
    'hooks.slack.com',
    /hooks\.slack\.com\/(?:services|workflows|triggers)\/([\w/-]{16,200})/g,
  ),
  rule('Discord webhook', '/api/webhooks/', /\/api\/webhooks\/\d{10,25}\/([\w-]{20,120})/g),
  rule('Discord bot token', '.', /(?<![\w.-])[MNO][\w-]{22,27}\.[\w-]{6}\.[\w-]{25,45}(?![\w.-])/g),
  rule('Discord mfa token', 'mfa.', /(?<![\w.])mfa\.[\w-]{60,100}/g),
  rule('Teams webhook', 'webhook.office.com', /webhook\.office\.com\/webhookb2\/([\w@/-]{40,300})/g),
  rule(
    'Power Automate webhook',
    'logic.azure.com',
    /logic\.azure\.com[^\s"'`]{0,300}?[?&]sig=([\w%-]{20,100})/g,
  ),
  rule(
    'Google Chat webhook',
    'chat.googleapis.com',
    /chat\.googleapis\.com\/v1\/spaces\/[^\s"'`]{1,100}[?&]key=([^\s"'`]{20,300})/g,
  ),
  rule('Zapier webhook', 'hooks.zapier.com', /hooks\.zapier\.com\/hooks\/catch\/([\w/]{8,60})/g),
  rule(
    'IFTTT key',
    'maker.ifttt.com',
    /maker\.ifttt\.com\/trigger\/[\w-]{1,80}\/(?:json\/)?with\/key\/([\w-]{16,60})/g,
  ),
  rule('Telegram bot token', ':A', /(?<![\w])\d{8,12}:A[\w-]{30,40}(?![\w-])/g),
  rule('Twilio key', 'SK', /(?<![A-Za-z0-9])SK[0-9a-f]{32}(?![A-Za-z0-9])/g),
  rule('Twilio account', 'AC', /(?<![A-Za-z0-9])AC[0-9a-f]{32}(?![A-Za-z0-9])/g),
  rule('SendGrid key', 'SG.', /(?<![A-Za-z0-9])SG\.[\w-]{14,40}\.[\w-]{20,80}/g),
  rule('Mailgun key', 'key-', /(?<![\w-])key-[0-9a-z]{32}(?![A-Za-z0-9])/g),
  rule('Mailgun key', '-', /(?<![\w-])[0-9a-f]{32}-[0-9a-f]{8}-[0-9a-f]{8}(?![\w-])/g),
  rule('Mailgun public key', 'pubkey-', /(?<![\w-])pubkey-[0-9a-f]{32}/g),
  rule('Mailchimp key', '-us', /(?<![A-Za-z0-9])[0-9a-f]{32}-us\d{1,2}(?!\d)/g),
  prefixed('Mandrill key', 'md-', 20),
  prefixed('Brevo key', 'xkeysib-', 40),
  prefixed('Brevo SMTP key', 'xsmtpsib-', 40),
  prefixed('Resend key', 're_', 20, '\\w'),
  prefixed('MailerSend key', 'mlsn.', 40, ALNUM),
  prefixed('Facebook token', 'EAA', 60, ALNUM),
  rule('Facebook app token', '|', /(?<![\w|])\d{15,16}(?:\||%7C)[\w-]{27,40}/g),
  prefixed('Instagram token', 'IGQ', 60),
  rule('Twitter bearer token', 'AAAAAAAAAAAAAAAAAAAA', /AAAAAAAAAAAAAAAAAAAA[A-Za-z0-9%]{50,200}/g),
  rule('LinkedIn token', 'AQ', /(?<![A-Za-z0-9])AQ[UVWX][\w-]{150,700}/g),
  prefixed('Pushover or Pushbullet token', 'o.', 32, ALNUM),
];

const WORK: VendorRule[] = [
  prefixed('Linear key', 'lin_api_', 24, '\\w'),
  prefixed('Linear OAuth token', 'lin_oauth_', 24, '\\w'),
  prefixed('Notion token', 'ntn_', 30, ALNUM),
  prefixed('Notion token', 'secret_', 36, ALNUM),
  rule('Airtable token', 'pat', /(?<![A-Za-z0-9])pat[A-Za-z0-9]{12,17}\.[a-f0-9]{40,80}/g),
  prefixed('Figma token', 'figd_', 30),
  prefixed('Figma OAuth token', 'figo_', 30),
  prefixed('HubSpot key', 'pat-na1-', 30),
  prefixed('HubSpot key', 'pat-eu1-', 30),
  prefixed('Typeform token', 'tfp_', 36, DOTTED),
  prefixed('Frame.io token', 'fio-u-', 40, DOTTED),
  prefixed('Dropbox token', 'sl.', 60, DOTTED),
  rule('Dropbox token', 'AAAAAAAAAA', /(?<![A-Za-z0-9])[A-Za-z0-9]{11}AAAAAAAAAA[\w=-]{40,60}/g),
  prefixed('Contentful token', 'CFPAT-', 30),
  prefixed('Adobe secret', 'p8e-', 28),
  prefixed('Salesforce token', '00D', 60, '[\\w!.]'),
  rule('Okta token', '00', /(?<![A-Za-z0-9])00[A-Za-z0-9][\w-]{39}(?![\w-])/g),
  rule('MaxMind key', '_mmk', /(?<![A-Za-z0-9])[A-Za-z0-9]{6}_[A-Za-z0-9]{25,40}_mmk/g),
  prefixed('Mapbox secret', 'sk.eyJ', 40, DOTTED),
  prefixed('Mapbox token', 'pk.eyJ', 40, DOTTED),
];

const MODELS: VendorRule[] = [
  prefixed('OpenAI project key', 'sk-', 32),
  prefixed('OpenAI session', 'sess-', 32),
  prefixed('Anthropic key', 'sk-ant-', 20),
  prefixed('OpenRouter key', 'sk-or-', 20),
  prefixed('Hugging Face token', 'hf_', 24, ALNUM),
  prefixed('Hugging Face organisation token', 'api_org_', 24, ALNUM),
  prefixed('Replicate token', 'r8_', 24, ALNUM),
  prefixed('Groq key', 'gsk_', 30, ALNUM),
  prefixed('Perplexity key', 'pplx-', 30, ALNUM),
  prefixed('xAI key', 'xai-', 40, ALNUM),
  prefixed('Fireworks key', 'fw_', 20, ALNUM),
  prefixed('NVIDIA key', 'nvapi-', 30),
  prefixed('LangSmith key', 'lsv2_', 24, '\\w'),
  prefixed('Langfuse secret', 'sk-lf-', 24),
  prefixed('Pinecone key', 'pcsk_', 24, '\\w'),
  prefixed('Cerebras key', 'csk-', 30, ALNUM),
  prefixed('Tavily key', 'tvly-', 20),
  prefixed('Voyage key', 'pa-', 36),
  prefixed('Jina key', 'jina_', 30),
  prefixed('Weights & Biases key', 'wandb_v1_', 20),
  prefixed('Modal token', 'ak-', 20, ALNUM),
  prefixed('Modal secret', 'as-', 20, ALNUM),
  prefixed('E2B key', 'e2b_', 30, ALNUM),
  prefixed('Apify token', 'apify_api_', 20, ALNUM),
];

export const VENDOR_RULES: readonly VendorRule[] = [
  ...CODE_HOSTS,
  ...PACKAGES,
  ...CLOUDS,
  ...DER,
  ...INFRASTRUCTURE,
  ...PAYMENTS,
  ...MESSAGES,
  ...WORK,
  ...MODELS,
];
