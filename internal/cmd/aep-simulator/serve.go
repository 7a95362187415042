package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/ctwing/terraform-provider-aep/internal/simulator"
	"github.com/ctwing/terraform-provider-aep/internal/simulator/console"
)

// serve serves a platform and its console until the context ends.
func serve(ctx context.Context, args []string, stdout io.Writer) error {
	c, err := parse(args, stdout)
	if err != nil {
		return err
	}
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", c.listen)
	if err != nil {
		return fmt.Errorf("%w; name another address by -listen, or by LISTEN= of make simulate", err)
	}
	options := c.options()
	platform := simulator.New(options)
	defer platform.Close()
	out := &lineWriter{out: stdout}
	if !c.quiet {
		platform.AfterRequest(func(r simulator.Request) { logRequest(out, r) })
	}
	server := &http.Server{Handler: console.Handler(platform), ReadHeaderTimeout: time.Minute}
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	if err := announce(c, platform, options.Products, listener.Addr().String(), out); err != nil {
		return errors.Join(err, server.Close(), ignoreClosed(<-served))
	}
	select {
	case <-ctx.Done():
		platform.Close() // It ends the requests that it holds.
		return errors.Join(server.Close(), ignoreClosed(<-served))
	case err := <-served:
		return err
	}
}

// lineWriter lets several goroutines write whole lines.
type lineWriter struct {
	mu  sync.Mutex
	out io.Writer
}

func (w *lineWriter) Write(line []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.out.Write(line)
}

// logRequest prints a request, unless it asks for the time only.
func logRequest(out io.Writer, r simulator.Request) {
	if r.Index >= 0 {
		fmt.Fprintln(out, console.RequestOf(r))
	}
}

func ignoreClosed(err error) error {
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return err
}

// announce prints the environment variables of a client and the content of the
// platform. It writes the ready file last, for scripts that wait for it.
func announce(
	c config, p *simulator.Platform, products []simulator.ProductSeed, address string, stdout io.Writer,
) error {
	environment, err := environmentLine("http://"+address, products)
	if err != nil {
		return err
	}
	path, err := pathLine()
	if err != nil {
		return err
	}
	fmt.Fprint(stdout, environment, path, "# Paste the two lines above into a second shell.\n")
	for _, product := range products {
		fmt.Fprintf(stdout, "# product %d, %s (%s), %d devices\n",
			product.ID, product.Name, console.ProtocolName(product.Protocol), product.DeviceCount)
		for _, firmware := range product.Firmware {
			fmt.Fprintf(stdout, "#   firmware %d, version %s\n", firmware.ID, firmware.Version)
		}
		for _, group := range product.Groups {
			fmt.Fprintf(stdout, "#   group %d, %s\n", group.ID, group.Name)
		}
		if c.deviceFiles == "" {
			continue
		}
		file, err := writeDevices(c.deviceFiles, product.ID, p.DeviceIDs(product.ID))
		if err != nil {
			return err
		}
		fmt.Fprintf(stdout, "#   device ids in %s\n", file)
	}
	fmt.Fprintf(stdout, "# console: http://%s%s, or the commands of aep-simulator -h\n", address, console.Path)
	fmt.Fprintf(stdout, "# listening on %s; Ctrl-C stops it\n", address)
	if c.readyFile == "" {
		return nil
	}
	return replaceFile(c.readyFile, []byte(environment))
}

// pathLine returns the line that lets a shell find this program.
func pathLine() (string, error) {
	program, err := os.Executable()
	if err != nil {
		return "", err
	}
	return pathLineOf(filepath.ToSlash(filepath.Dir(program))), nil
}

// pathLineOf returns the line for a folder. The shells of Windows write C:/a as
// /c/a, because a colon separates the folders.
func pathLineOf(folder string) string {
	if drive, rest, found := strings.Cut(folder, ":/"); found && len(drive) == 1 {
		folder = "/" + strings.ToLower(drive) + "/" + rest
	}
	return "export PATH='" + strings.ReplaceAll(folder, "'", `'\''`) + "':\"$PATH\"\n"
}

// environmentLine returns the line that configures a client.
func environmentLine(endpoint string, products []simulator.ProductSeed) (string, error) {
	keys := map[string]string{}
	for _, product := range products {
		keys[strconv.FormatInt(product.ID, 10)] = product.MasterKey
	}
	masterKeys, err := json.Marshal(keys)
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("export AEP_ENDPOINT=%s AEP_APP_KEY=%s AEP_APP_SECRET=%s AEP_MASTER_KEYS='%s'\n",
		endpoint, simulator.DefaultAppKey, simulator.DefaultAppSecret, masterKeys), nil
}

func writeDevices(folder string, productID int64, ids []string) (string, error) {
	if err := os.MkdirAll(folder, 0o750); err != nil {
		return "", err
	}
	name := filepath.Join(folder, strconv.FormatInt(productID, 10)+".txt")
	file, err := os.Create(name)
	if err != nil {
		return "", err
	}
	buffered := bufio.NewWriter(file)
	for _, id := range ids {
		_, _ = buffered.WriteString(id + "\n") // Flush returns the error.
	}
	return name, errors.Join(buffered.Flush(), file.Close())
}

// replaceFile writes a file atomically, so that no reader sees a part of it.
func replaceFile(name string, content []byte) error {
	temporary := name + ".tmp"
	if err := os.WriteFile(temporary, content, 0o600); err != nil {
		return err
	}
	return os.Rename(temporary, name)
}
