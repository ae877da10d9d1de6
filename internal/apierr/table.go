package apierr

import "net/http"

// Code is the `code` of an error answer.
type Code string

// The codes, in the order of [Table].
const (
	InvalidJSON                   Code = "invalid_json"
	InvalidRequestURL             Code = "invalid_request_url"
	InvalidRequest                Code = "invalid_request"
	InvalidGrant                  Code = "invalid_grant"
	UnsupportedGrantType          Code = "unsupported_grant_type"
	InvalidClient                 Code = "invalid_client"
	ValidationError               Code = "validation_error"
	MissingVersion                Code = "missing_version"
	InvalidBeta                   Code = "invalid_beta"
	Unauthorized                  Code = "unauthorized"
	RestrictedResource            Code = "restricted_resource"
	ObjectNotFound                Code = "object_not_found"
	ConflictError                 Code = "conflict_error"
	RateLimited                   Code = "rate_limited"
	InternalServerError           Code = "internal_server_error"
	BadGateway                    Code = "bad_gateway"
	ServiceUnavailable            Code = "service_unavailable"
	DatabaseConnectionUnavailable Code = "database_connection_unavailable"
	GatewayTimeout                Code = "gateway_timeout"
	ServiceOverload               Code = "service_overload"
)

// Row is one error the API can answer with.
type Row struct {
	Code   Code
	Status int
	// Message is what a client reads when the place that refuses has nothing more
	// precise to say.
	Message string
	// Cause says, for the README and the error pages, what really makes Octavo answer
	// so. Every row can also be had on demand through fault injection.
	Cause string
}

// Table is every error the API can answer with (contract.md §1.6). It is the only
// place where a code meets its status.
var Table = []Row{
	{InvalidJSON, http.StatusBadRequest, "Error parsing JSON body.",
		"the body is not JSON: broken, followed by more data, not UTF-8, or nested deeper than 512 levels"},
	{InvalidRequestURL, http.StatusBadRequest, "Invalid request URL.",
		"no operation has this method and path, or the path has an empty id or `..` in it"},
	{InvalidRequest, http.StatusBadRequest, "Unsupported request.",
		"an operation of the hosted API that this server knows and does not serve"},
	{InvalidGrant, http.StatusBadRequest, "Invalid code: this code has been revoked.",
		"an OAuth code or refresh token that is wrong, used, expired or revoked, of another client, or shown with another redirect_uri"},
	{UnsupportedGrantType, http.StatusBadRequest, "Unsupported grant_type.",
		"an OAuth token is asked for with a grant_type other than authorization_code and refresh_token"},
	{InvalidClient, http.StatusUnauthorized, "Invalid client.",
		"an OAuth endpoint is called without the id and secret of a client, with wrong ones, or with those of a disabled one"},
	{ValidationError, http.StatusBadRequest, "body failed validation.",
		"a path, query or body that breaks the schema of its version, or that asks for something the workspace does not allow"},
	{MissingVersion, http.StatusBadRequest, "Notion-Version header failed validation: Notion-Version header should be defined, instead was `undefined`.",
		"the Notion-Version header is missing or names no version"},
	{InvalidBeta, http.StatusBadRequest, "Notion-Beta header failed validation.",
		"the Notion-Beta header is malformed, doubled, or names a beta this server does not have"},
	{Unauthorized, http.StatusUnauthorized, "API token is invalid.",
		"no token, or one that is malformed, unknown, expired or revoked"},
	{RestrictedResource, http.StatusForbidden, "Insufficient permissions for this endpoint.",
		"the integration lacks the capability that the operation needs"},
	{ObjectNotFound, http.StatusNotFound, "Could not find the object.",
		"the object does not exist, is not shared with the integration, or belongs to another workspace"},
	{ConflictError, http.StatusConflict, "Conflict occurred while saving. Please try again.",
		"another process kept writing to the same workspace until the retries were used up, or the file storage refused to save a file"},
	{RateLimited, http.StatusTooManyRequests, "You have been rate limited. Please try again later.",
		"more requests in the running minute than the limit allows (`--rate-limit`, or `--profile hosted`)"},
	{InternalServerError, http.StatusInternalServerError, "Unexpected error occurred.",
		"a fault in Octavo itself: the panic is recovered and logged with its stack, never shown"},
	{BadGateway, http.StatusBadGateway, "Bad Gateway",
		"something Octavo depends on over the network answered with an error"},
	{ServiceUnavailable, http.StatusServiceUnavailable, "Notion is unavailable, please try again later.",
		"the request ran past its deadline (60 s), the disk is full, or the server is shutting down"},
	{DatabaseConnectionUnavailable, http.StatusServiceUnavailable, "Notion is unavailable, please try again later.",
		"the database is gone: not reachable, shut down, or its file cannot be read"},
	{GatewayTimeout, http.StatusGatewayTimeout, "Gateway Timeout",
		"something Octavo depends on over the network did not answer in time"},
	{ServiceOverload, 529, "Notion is overloaded, please try again later.",
		"more requests in flight than the server admits (`--max-in-flight`)"},
}

var byCode = func() map[Code]*Row {
	m := make(map[Code]*Row, len(Table))
	for i := range Table {
		m[Table[i].Code] = &Table[i]
	}
	return m
}()

// Lookup returns the row of a code, nil when there is none.
func Lookup(c Code) *Row { return byCode[c] }
