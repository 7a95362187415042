package console

import (
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/ctwing/terraform-provider-aep/internal/simulator"
)

// Path is where the page is. The API is below Path + "api/".
const Path = "/console/"

// Handler serves the console of a platform at Path. It passes every other
// request to the platform.
func Handler(p *simulator.Platform) http.Handler {
	own := routes(&platform{p, time.Now()})
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path+"/" == Path || strings.HasPrefix(r.URL.Path, Path) {
			own.ServeHTTP(w, r)
			return
		}
		p.ServeHTTP(w, r)
	})
}

// routes returns the handler of all paths of the console. It accepts writes
// from its own page and from programs, but from no other page.
func routes(p *platform) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /console/{$}", servePage())
	mux.Handle("GET /console", http.RedirectHandler(Path, http.StatusMovedPermanently))
	for pattern, serve := range map[string]func(*http.Request) (any, error){
		"GET /console/api/platform":                    p.overview,
		"PATCH /console/api/settings":                  p.changeSettings,
		"GET /console/api/products/{product}/devices":  p.deviceIDs,
		"GET /console/api/requests":                    p.requests,
		"GET /console/api/tasks":                       p.tasks,
		"POST /console/api/tasks":                      p.createTask,
		"PATCH /console/api/tasks/{task}":              p.modifyTask,
		"DELETE /console/api/tasks/{task}":             p.deleteTask,
		"POST /console/api/tasks/{task}/{action}":      p.controlTask,
		"GET /console/api/tasks/{task}/devices":        p.devices,
		"POST /console/api/tasks/{task}/devices/{way}": p.changeDevices,
	} {
		mux.Handle(pattern, jsonHandler(serve))
	}
	return localOnly(http.NewCrossOriginProtection().Handler(mux))
}

// localOnly refuses a request to a loopback address whose Host is a name of
// another machine. A browser sends such a request for a foreign page that has
// changed the address of its name.
func localOnly(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		address, _ := r.Context().Value(http.LocalAddrContextKey).(*net.TCPAddr)
		host := r.Host
		if name, _, err := net.SplitHostPort(host); err == nil {
			host = name
		}
		if address != nil && address.IP.IsLoopback() && host != "localhost" && net.ParseIP(strings.Trim(host, "[]")) == nil {
			http.Error(w, "the console is at http://"+address.String()+Path, http.StatusForbidden)
			return
		}
		next.ServeHTTP(w, r)
	})
}
